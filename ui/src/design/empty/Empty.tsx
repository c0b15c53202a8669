import type { ReactNode } from 'react'
import { Icon, type IconName } from '../icon/Icon'
import './empty.css'

/** First use, nothing to show, refused: an icon, a sentence, what to do now. */
export function Empty({
  icon,
  title,
  children,
  actions,
  tone = 'info',
  testId,
}: {
  icon: IconName
  title: string
  children?: ReactNode
  actions?: ReactNode
  tone?: 'info' | 'danger'
  testId?: string
}) {
  return (
    <div className="ps-empty" data-testid={testId}>
      <span className={`c-${tone}`}>
        <Icon name={icon} size="l" />
      </span>
      <b className="t-md">{title}</b>
      {children ? <div className="mut t-xs text">{children}</div> : null}
      {actions ? <div className="line wrap ps-empty-actions">{actions}</div> : null}
    </div>
  )
}
