import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import './skeleton.css'

/** True once the wait is long enough to be noticed: before that nothing is drawn, so nothing flickers. */
export function useLate(after = 300) {
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), after)
    return () => clearTimeout(timer)
  }, [after])
  return late
}

/** Rows of the real shape, while a list is read. */
export function SkeletonRows({ rows = 6 }: { rows?: number }) {
  const { t } = useTranslation('frame')
  if (!useLate()) return null
  return (
    <div role="status" aria-label={t('loading')} data-testid="skeleton">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
        <div key={index} className="ps-sk-row">
          <span className="ps-sk" />
          <div>
            <div className="ps-sk is-62" />
            <div className="ps-sk is-84" />
          </div>
          <span className="ps-sk is-btn" />
        </div>
      ))}
    </div>
  )
}

/** Cards of the real shape, while a detail is read. */
export function SkeletonCards() {
  const { t } = useTranslation('frame')
  if (!useLate()) return null
  return (
    <div role="status" aria-label={t('loading')} className="ps-sk-cards" data-testid="skeleton">
      <div className="ps-sk is-bar" />
      <div className="ps-sk is-card" />
      <div className="ps-sk is-card" />
    </div>
  )
}
