import { Icon } from '../icon/Icon'
import './ribbon.css'

export type RibbonItem = { id: string; state: 'done' | 'current' | 'to_do' | 'failed'; name: string; fact: string }

/** Six steps, always in the same order: done is a tick, the current one is blue with a bar, to do is a ring. */
export function Ribbon({ label, items, testId }: { label: string; items: RibbonItem[]; testId?: string }) {
  return (
    <ol className="ps-ribbon" aria-label={label} data-testid={testId}>
      {items.map((item) => (
        <li key={item.id} className={`is-${item.state}`} aria-current={item.state === 'current' ? 'step' : undefined}>
          <b>
            {item.state === 'done' ? <Icon name="check-circle" size="s" /> : null}
            {item.state === 'failed' ? <Icon name="error" size="s" /> : null}
            {item.state === 'current' || item.state === 'to_do' ? <i className="ps-ring" /> : null}
            {item.name}
          </b>
          <span title={item.fact}>{item.fact}</span>
        </li>
      ))}
    </ol>
  )
}

/** The same six steps in a row: bars, with the words beside them. */
export function MiniRibbon({ states, label }: { states: RibbonItem['state'][]; label: string }) {
  return (
    <span className="ps-mini" role="img" aria-label={label}>
      {states.map((state, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the six steps never change place
        <i key={index} className={`is-${state}`} />
      ))}
    </span>
  )
}
