import { useId } from 'react'

/** Six boxes, one field: what is typed is never shown, and the field is a plain password for who uses a screen reader. */
export function PinBox({
  label,
  value,
  onChange,
  testId,
  describedBy,
}: {
  label: string
  value: string
  onChange: (value: string) => void
  testId?: string
  describedBy?: string
}) {
  const id = useId()
  // A PIN may be longer than the six boxes: the last one stays full.
  const shown = Math.min(6, value.length)
  return (
    <div className="pin-box">
      <label className="cap" htmlFor={id}>
        {label}
      </label>
      <div className="pin-cells">
        {[0, 1, 2, 3, 4, 5].map((cell) => (
          <i key={cell} className={cell < shown ? 'is-full' : cell === shown ? 'is-next' : ''} aria-hidden="true" />
        ))}
        <input
          id={id}
          type="password"
          inputMode="numeric"
          autoComplete="off"
          // biome-ignore lint/a11y/noAutofocus: it is the only thing to do on this screen
          autoFocus
          value={value}
          maxLength={12}
          aria-describedby={describedBy}
          data-testid={testId}
          data-first-focus
          onChange={(event) => onChange(event.target.value.replace(/\D/g, ''))}
        />
      </div>
    </div>
  )
}
