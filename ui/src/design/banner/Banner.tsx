import type { ReactNode } from 'react'
import type { Tone } from '../badge/Badge'
import { Icon, type IconName } from '../icon/Icon'
import './banner.css'

type Props = {
  tone: Exclude<Tone, 'plain'>
  icon?: IconName
  /** What happened, in a few words. */
  title: ReactNode
  children?: ReactNode
  /** The one action. */
  action?: ReactNode
  /** Full width for the station; a box for a part of a page. */
  boxed?: boolean
  /** Said at once by screen readers. */
  urgent?: boolean
  testId?: string
}

const ICON: Record<Props['tone'], IconName> = {
  ok: 'check-circle',
  warn: 'warning-circle',
  danger: 'error',
  info: 'info-circle',
  off: 'offline',
}

export function Banner({ tone, icon, title, children, action, boxed, urgent, testId }: Props) {
  return (
    <div
      className={`ps-banner ps-tint-${tone}${boxed ? ' is-boxed' : ''}`}
      role={urgent ? 'alert' : 'status'}
      data-testid={testId}
    >
      <Icon name={icon ?? ICON[tone]} />
      <div className="grow">
        <b>{title}</b> {children}
      </div>
      {action ? <div className="ps-banner-action">{action}</div> : null}
    </div>
  )
}
