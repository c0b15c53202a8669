import './level.css'

/** Level of the microphone, from -60 to 0 dBFS: a bar and a word, so that colour is not needed. */
export function LevelMeter({ dbfs, label, word }: { dbfs: number | null; label: string; word: string }) {
  const share = dbfs === null ? 0 : Math.max(0, Math.min(1, (dbfs + 60) / 60))
  return (
    <div className="ps-level" data-testid="level-meter" data-level={Math.round(share * 100)}>
      <div
        className="ps-level-track"
        role="meter"
        aria-label={label}
        aria-valuemin={-60}
        aria-valuemax={0}
        aria-valuenow={dbfs === null ? -60 : Math.round(Math.max(-60, Math.min(0, dbfs)))}
        aria-valuetext={word}
      >
        <i style={{ transform: `scaleX(${share.toFixed(3)})` }} />
      </div>
      <span className="t-xs mut nw">{word}</span>
    </div>
  )
}
