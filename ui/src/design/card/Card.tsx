import type { ReactNode } from 'react'
import './card.css'

type Props = {
  title?: ReactNode
  end?: ReactNode
  children: ReactNode
  testId?: string
  className?: string
  level?: 2 | 3
}

export function Card({ title, end, children, testId, className, level = 2 }: Props) {
  const Heading = level === 2 ? 'h2' : 'h3'
  return (
    <section className={`ps-card${className ? ` ${className}` : ''}`} data-testid={testId}>
      {title ? (
        <div className="ps-card-head">
          <Heading className="grow">{title}</Heading>
          {end ? <span className="t-xs mut">{end}</span> : null}
        </div>
      ) : null}
      {children}
    </section>
  )
}

/** A line of a card: mark, two lines of words, one action. */
export function CheckLine({
  mark,
  title,
  children,
  action,
  current,
  testId,
  state,
}: {
  mark: ReactNode
  title: ReactNode
  children?: ReactNode
  action?: ReactNode
  current?: boolean
  testId?: string
  state?: string
}) {
  return (
    <div className={`ps-check-line${current ? ' is-current' : ''}`} data-testid={testId} data-state={state}>
      <span className="ps-check-mark">{mark}</span>
      <div className="grow">
        <b>{title}</b>
        {children ? <div className="t-xs mut">{children}</div> : null}
      </div>
      {action}
    </div>
  )
}

export function Facts({ items }: { items: { name: string; value: ReactNode }[] }) {
  return (
    <dl className="ps-facts">
      {items.map((item) => (
        <div key={item.name}>
          <dt>{item.name}</dt>
          <dd>{item.value}</dd>
        </div>
      ))}
    </dl>
  )
}
