import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../design'
import { Picture } from './Picture'

const CORNERS = ['is-right-bottom', 'is-left-bottom', 'is-left-top', 'is-right-top'] as const

/** Small and movable: dragged to a corner, or moved around the corners by its button. */
export function SelfView({ off }: { off: boolean }) {
  const { t } = useTranslation('call')
  const [corner, setCorner] = useState(0)
  const box = useRef<HTMLDivElement>(null)
  const onPointerUp = (event: React.PointerEvent) => {
    const stage = box.current?.parentElement?.getBoundingClientRect()
    if (!stage) return
    const left = event.clientX < stage.left + stage.width / 2
    const top = event.clientY < stage.top + stage.height / 2
    setCorner(top ? (left ? 2 : 3) : left ? 1 : 0)
  }
  return (
    <div
      ref={box}
      className={`self-view ${CORNERS[corner]}`}
      data-testid="self-view"
      onPointerDown={(event) => {
        if (event.target instanceof HTMLButtonElement) return
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerUp={onPointerUp}
    >
      <Picture kind="own" label={t('ownPicture')} />
      {off ? (
        <span className="self-off t-xs">
          <Icon name="video-off" size="s" />
          {t('cameraOff')}
        </span>
      ) : null}
      <span className="self-name">{t('you')}</span>
      <button
        type="button"
        className="self-move"
        aria-label={t('moveSelf')}
        title={t('moveSelf')}
        onClick={() => setCorner((corner + 1) % 4)}
        onPointerUp={(event) => event.stopPropagation()}
      >
        <Icon name="exchange-circle" size="s" />
      </button>
    </div>
  )
}
