import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useRoute } from '../app/routes'
import { useShortcuts } from '../app/shortcuts'
import { Button } from '../design'
import { spokenName } from '../i18n/format'
import { useView } from '../ipc/query'
import { useCallControls } from './controls'
import { OutcomeDialog } from './OutcomeDialog'
import { Picture } from './Picture'
import { QualityTag } from './Quality'
import { useCallState } from './state'
import './call.css'

/** The call while something else is on screen: a card beside the report, a strip on every other place. */
export function CompactCall({ layout }: { layout: 'card' | 'strip' }) {
  const { t } = useTranslation('call')
  const { go } = useRoute()
  const { view, live } = useCallState()
  const [ending, setEnding] = useState(false)
  const controls = useCallControls()
  const id = view?.televisit_id ?? ''
  const visit = useView('televisit_open', [{ televisit_id: id }], { enabled: id !== '' })
  const microphone = () => view && controls.microphone(!view.microphone_on)
  useShortcuts({
    'Ctrl+D': () => void microphone(),
    'Ctrl+E': () => view && void controls.camera(!view.camera_on),
    'Ctrl+Shift+X': () => setEnding(true),
    'Ctrl+Shift+C': () => go({ place: 'today', id, view: 'call' }),
  })
  if (!view || !live) return null
  return (
    <section className={`compact is-${layout}`} aria-label={t('compact')} data-testid="compact-call">
      <div className="compact-picture">
        <Picture kind="remote" label={t('remotePicture')} />
        <QualityTag view={view} short />
      </div>
      <div className="compact-bar">
        {layout === 'strip' && visit.data ? <b className="cut">{spokenName(visit.data.patient)}</b> : null}
        <Button
          small
          icon={view.microphone_on ? 'microphone' : 'microphone-off'}
          pressed={view.microphone_on}
          testId="compact-microphone"
          onPress={microphone}
        >
          {t(view.microphone_on ? 'microphone' : 'microphoneOff')}
        </Button>
        <Button kind="quiet" small testId="enlarge-call" onPress={() => go({ place: 'today', id, view: 'call' })}>
          {t('enlarge')}
        </Button>
        <span className="grow" />
        <Button kind="danger" small testId="compact-end" onPress={() => setEnding(true)}>
          {t('end')}
        </Button>
      </div>
      {ending ? <OutcomeDialog televisitId={id} view={view} onClose={() => setEnding(false)} /> : null}
    </section>
  )
}
