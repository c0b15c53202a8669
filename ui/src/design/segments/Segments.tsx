import './segments.css'

type Props<V extends string> = {
  label: string
  value: V
  onChange: (value: V) => void
  options: { value: V; label: string; count?: number }[]
  testId?: string
}

export function Segments<V extends string>({ label, value, onChange, options, testId }: Props<V>) {
  return (
    <div className="ps-segments" role="group" aria-label={label} data-testid={testId}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={value === option.value}
          data-testid={testId ? `${testId}-${option.value}` : undefined}
          onClick={() => onChange(option.value)}
        >
          {option.label}
          {option.count === undefined ? null : <span>{option.count}</span>}
        </button>
      ))}
    </div>
  )
}
