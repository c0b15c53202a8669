import type { ReactNode } from 'react'
import { Icon, type IconName } from '../icon/Icon'
import './badge.css'

export type Tone = 'ok' | 'warn' | 'danger' | 'info' | 'off' | 'plain'

/** Icon, word, then colour: never colour alone. */
export function Badge({
  tone,
  icon,
  children,
  testId,
}: {
  tone: Tone
  icon: IconName
  children: ReactNode
  testId?: string
}) {
  return (
    <span className={`ps-badge ps-tint-${tone}`} data-testid={testId}>
      <Icon name={icon} />
      {children}
    </span>
  )
}
