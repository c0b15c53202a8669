import { Button as KitButton } from 'design-react-kit'
import { type ReactNode, type Ref, useEffect, useRef, useState } from 'react'
import { Icon, type IconName } from '../icon/Icon'
import './button.css'

export type ButtonKind = 'primary' | 'second' | 'quiet' | 'danger' | 'danger-line' | 'link'

type Props = {
  children?: ReactNode
  kind?: ButtonKind
  small?: boolean
  block?: boolean
  icon?: IconName
  /** Needed when there is no text. */
  label?: string
  title?: string
  disabled?: boolean
  type?: 'button' | 'submit'
  /** While the promise is open the button is busy and further presses are ignored, so a double click is one action. */
  onPress?: () => unknown
  busy?: boolean
  pressed?: boolean
  expanded?: boolean
  autoFocus?: boolean
  testId?: string
  className?: string
  describedBy?: string
  ref?: Ref<HTMLButtonElement>
}

const COLOURS: Record<ButtonKind, string> = {
  primary: 'primary',
  second: 'second',
  quiet: 'quiet',
  danger: 'danger',
  'danger-line': 'danger-line',
  link: 'link-line',
}

export function Button({
  children,
  kind = 'second',
  small,
  block,
  icon,
  label,
  title,
  disabled,
  type = 'button',
  onPress,
  busy: busyFromOutside,
  pressed,
  expanded,
  autoFocus,
  testId,
  className,
  describedBy,
  ref,
}: Props) {
  const { busy, run } = useOnce(onPress)
  const working = busy || busyFromOutside === true
  return (
    <KitButton
      innerRef={ref as Ref<HTMLButtonElement>}
      color={COLOURS[kind]}
      type={type}
      className={`ps-btn ps-btn-${kind}${small ? ' is-small' : ''}${block ? ' is-block' : ''}${working ? ' is-busy' : ''}${className ? ` ${className}` : ''}`}
      disabled={disabled}
      aria-disabled={working || undefined}
      aria-busy={working || undefined}
      aria-label={label}
      aria-pressed={pressed}
      aria-expanded={expanded}
      aria-describedby={describedBy}
      title={title ?? (children ? undefined : label)}
      autoFocus={autoFocus}
      data-testid={testId}
      onClick={
        type === 'submit' && !onPress
          ? undefined
          : () => {
              if (!working) run()
            }
      }
    >
      {icon ? <Icon name={icon} size="s" /> : null}
      {children}
    </KitButton>
  )
}

/** Runs an action once at a time, whatever the number of presses. */
export function useOnce(action: (() => unknown) | undefined) {
  const open = useRef(false)
  const alive = useRef(true)
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    alive.current = true
    return () => {
      alive.current = false
    }
  }, [])
  const run = () => {
    if (open.current || !action) return
    const answer = action()
    if (!(answer instanceof Promise)) return
    open.current = true
    setBusy(true)
    const done = () => {
      open.current = false
      if (alive.current) setBusy(false)
    }
    answer.then(done, done)
  }
  return { busy, run }
}
