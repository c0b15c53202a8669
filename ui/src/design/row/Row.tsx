import type { ReactNode } from 'react'
import './row.css'

type Props = {
  /** Time, day or priority. */
  lead: ReactNode
  who: ReactNode
  age?: string
  what: ReactNode
  /** By when, or what there is to know. */
  status: ReactNode
  /** The next action. */
  action?: ReactNode
  selected?: boolean
  onOpen: () => void
  testId?: string
  narrowLead?: boolean
  label: string
}

/** A row answers four questions: who, what for, by when, what next. */
export function Row({ lead, who, age, what, status, action, selected, onOpen, testId, narrowLead, label }: Props) {
  return (
    <li className={`ps-row${selected ? ' is-on' : ''}${narrowLead ? ' is-icon' : ''}`} data-testid={testId}>
      <button
        type="button"
        className="ps-row-open"
        data-row
        aria-label={label}
        aria-current={selected || undefined}
        onClick={onOpen}
      />
      <span className="ps-row-lead">{lead}</span>
      <div className="ps-row-text">
        <div className="ps-row-who">
          <b className="cut">{who}</b>
          {age ? <span className="mut t-xs nw">{age}</span> : null}
        </div>
        <div className="mut t-xs cut">{what}</div>
        <div className="ps-row-status t-xs">{status}</div>
      </div>
      {action ? <div className="ps-row-action">{action}</div> : null}
    </li>
  )
}

export function GroupHead({ children, count, tone }: { children: ReactNode; count: number; tone?: 'danger' | 'warn' }) {
  return (
    <li className="ps-group">
      <h2 className={tone ? `c-${tone}` : undefined}>{children}</h2>
      <span className="ps-group-n">{count}</span>
    </li>
  )
}

/** Arrows go from row to row; Home and End to the ends. */
export function moveBetweenRows(event: React.KeyboardEvent<HTMLElement>) {
  const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key]
  if (step === undefined) return
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')]
  const here = rows.findIndex(
    (row) => row === document.activeElement || row.parentElement?.contains(document.activeElement),
  )
  const next = rows[Math.max(0, Math.min(rows.length - 1, here + step))]
  if (!next) return
  event.preventDefault()
  next.focus()
}
