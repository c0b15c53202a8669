import { ICONS, type IconName } from './paths'
import './icon.css'

export type { IconName }

type Props = {
  name: IconName
  size?: 's' | 'm' | 'l'
  /** Said to who cannot see it; without a label the icon is an ornament. */
  label?: string
  className?: string
}

export function Icon({ name, size = 'm', label, className }: Props) {
  return (
    <svg
      className={`ps-ic ps-ic-${size}${className ? ` ${className}` : ''}`}
      viewBox="0 0 24 24"
      role={label ? 'img' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
      focusable="false"
    >
      {ICONS[name].map((path) => (
        <path key={path} d={path} />
      ))}
    </svg>
  )
}
