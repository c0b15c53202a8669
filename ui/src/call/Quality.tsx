import { useTranslation } from 'react-i18next'
import { Icon } from '../design'
import { stopwatch } from '../i18n/format'
import type { CallView } from '../ipc/generated/CallView'
import type { LinkQuality } from '../ipc/generated/LinkQuality'
import { useSeconds } from './state'

const BARS: Record<LinkQuality, number> = { good: 3, fair: 2, poor: 1, lost: 0 }

/** A word and three bars. */
export function QualityTag({ view, short }: { view: CallView; short?: boolean }) {
  const { t } = useTranslation('call')
  const seconds = useSeconds(view.started_at)
  const quality: LinkQuality = view.phase.phase === 'interrupted' ? 'lost' : view.quality
  return (
    <span className={`call-tag is-${quality}`} data-testid="quality" data-quality={quality}>
      {quality === 'lost' ? <Icon name="offline" size="s" /> : <Bars on={BARS[quality]} />}
      {t(short ? `quality.${quality}` : `link.${quality}`)}
      {view.started_at ? (
        <>
          {short ? null : (
            <span aria-hidden="true" className="call-sep">
              |
            </span>
          )}
          <span data-testid="call-time">{stopwatch(seconds)}</span>
        </>
      ) : null}
    </span>
  )
}

function Bars({ on }: { on: number }) {
  return (
    <svg className="ps-ic ps-ic-s" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {['M4 15h4v5H4z', 'M10 10h4v10h-4z', 'M16 5h4v15h-4z'].map((path, index) => (
        <path key={path} d={path} opacity={index < on ? 1 : 0.3} />
      ))}
    </svg>
  )
}
