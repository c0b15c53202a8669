import type { ReactNode } from 'react'
import { Icon } from '../icon/Icon'
import './chain.css'

export type ChainItem = {
  id: string
  state: 'done' | 'waiting' | 'to_do' | 'refused'
  name: string
  fact?: ReactNode
  when?: string
}

/** Receipts, vertical. What the region has not confirmed is never green. */
export function Chain({ items, label, testId }: { items: ChainItem[]; label: string; testId?: string }) {
  return (
    <ol className="ps-chain" aria-label={label} data-testid={testId}>
      {items.map((item) => (
        <li key={item.id} className={`is-${item.state}`} data-testid={`receipt-${item.id}`} data-state={item.state}>
          <span className="ps-chain-dot">
            {item.state === 'done' ? <Icon name="check" /> : null}
            {item.state === 'waiting' ? <Icon name="due" /> : null}
            {item.state === 'refused' ? <Icon name="close" /> : null}
          </span>
          <div>
            <b>{item.name}</b>
            {item.fact ? <div className="t-xs mut">{item.fact}</div> : null}
          </div>
          <span className="t-xs mut nw">{item.when}</span>
        </li>
      ))}
    </ol>
  )
}
