import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react'
import { Icon } from '../icon/Icon'
import { moveBetweenRows } from '../row/Row'
import './search.css'

type FieldProps = {
  label: string
  placeholder: string
  value: string
  onChange: (text: string) => void
  /** How many there are, said politely as they change. */
  count: ReactNode
  /** Enter opens the first. */
  onFirst: () => void
  autoFocus: boolean
  /** Names the field and, with another ending, what counts. */
  testId: string
}

/** A search that answers as one types. The arrow down goes into the list below it. */
export function SearchField(props: FieldProps) {
  const field = useRef<HTMLDivElement>(null)
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') props.onFirst()
    if (event.key === 'ArrowDown') {
      event.preventDefault()
      field.current?.parentElement?.querySelector<HTMLElement>('[data-row]')?.focus()
    }
  }
  return (
    <div className="ps-search" ref={field}>
      <Icon name="search" size="s" />
      <input
        // biome-ignore lint/a11y/noAutofocus: the place is opened in order to search
        autoFocus={props.autoFocus}
        type="search"
        className="ps-input"
        aria-label={props.label}
        placeholder={props.placeholder}
        value={props.value}
        autoComplete="off"
        spellCheck={false}
        data-testid={`${props.testId}-search`}
        onChange={(event) => props.onChange(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <span className="t-xs mut nw ps-search-count" role="status" data-testid={`${props.testId}-count`}>
        {props.count}
      </span>
    </div>
  )
}

type ListProps = {
  children: ReactNode
  /** How many are not shown yet. */
  hidden: number
  /** Shows the next ones. */
  onMore: () => void
  /** What the button that shows them says. */
  more: string
  testId: string
}

/** Rows that go on: the next ones come before the end is reached, by wheel or by arrow; the button is for who waits at it. */
export function SearchList({ children, hidden, onMore, more, testId }: ListProps) {
  const end = useRef<HTMLLIElement>(null)
  const ask = useRef(onMore)
  ask.current = onMore
  useEffect(() => {
    if (hidden === 0 || !end.current || typeof IntersectionObserver === 'undefined') return
    const seen = new IntersectionObserver(([entry]) => entry?.isIntersecting && ask.current(), {
      root: end.current.parentElement,
      rootMargin: '600px',
    })
    seen.observe(end.current)
    return () => seen.disconnect()
  }, [hidden])
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const rows = event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')
    if (
      hidden > 0 &&
      (event.key === 'ArrowDown' || event.key === 'End') &&
      rows[rows.length - 1] === document.activeElement
    )
      onMore()
    moveBetweenRows(event)
  }
  return (
    <ul className="scroll ps-search-rows" onKeyDown={onKeyDown}>
      {children}
      {hidden > 0 ? (
        <li className="ps-search-more" ref={end}>
          <button type="button" className="t-xs" onClick={onMore} data-testid={testId}>
            {more}
          </button>
        </li>
      ) : null}
    </ul>
  )
}

/** A row that is one button, as wide as the list. */
export function SearchRow(props: {
  selected: boolean
  onOpen: () => void
  tall?: boolean
  testId: string
  /** Whether what it opens is on this PC. */
  here?: boolean
  children: ReactNode
}) {
  return (
    <li className={`ps-search-row${props.selected ? ' is-on' : ''}${props.tall ? ' is-tall' : ''}`}>
      <button
        type="button"
        data-row
        aria-current={props.selected || undefined}
        data-testid={props.testId}
        data-here={props.here}
        onClick={props.onOpen}
      >
        {props.children}
      </button>
    </li>
  )
}
