import './clock.css'

type Props = {
  /** Share of the five days gone, 0 to 1; none before the validation. */
  gone: number | null
  label: string
}

/** Five segments from the validation; the running day is filled by its half. */
export function FiveDayClock({ gone, label }: Props) {
  const day = gone === null ? -1 : Math.min(4, Math.floor(gone * 5))
  const tone = gone === null ? '' : gone >= 1 ? ' is-over' : day >= 3 ? ' is-late' : ''
  return (
    <div className={`ps-clock${tone}`} role="img" aria-label={label}>
      {[0, 1, 2, 3, 4].map((index) => (
        <i key={index} className={index < day || (gone ?? 0) >= 1 ? 'is-full' : index === day ? 'is-half' : ''} />
      ))}
    </div>
  )
}
