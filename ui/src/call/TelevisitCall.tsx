import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { useRoute } from '../app/routes'
import { useShortcuts } from '../app/shortcuts'
import { Button, Icon, type IconName, IdentityBar, SkeletonCards } from '../design'
import { clock, spokenName } from '../i18n/format'
import type { CallView } from '../ipc/generated/CallView'
import type { TelevisitView } from '../ipc/generated/TelevisitView'
import { useView } from '../ipc/query'
import { PhoneDialog } from '../televisit/PhoneDialog'
import { Badges } from '../televisit/TelevisitDetail'
import { CallSide, type SideTab } from './CallSide'
import { useCallControls } from './controls'
import { Interruption, useResumed } from './Interruption'
import { OutcomeDialog } from './OutcomeDialog'
import { Picture } from './Picture'
import { QualityTag } from './Quality'
import { SelfView } from './SelfView'
import { useCallState } from './state'
import './call.css'

export function TelevisitCall({ televisitId }: { televisitId: string }) {
  const { t } = useTranslation('frame')
  const { go } = useRoute()
  const visit = useView('televisit_open', [{ televisit_id: televisitId }])
  const { view } = useCallState()
  if (visit.error)
    return (
      <div className="pad">
        <FailureBanner failure={visit.error.failure} onRetry={() => visit.refetch()} />
      </div>
    )
  if (!visit.data) return <SkeletonCards />
  const mine = view?.televisit_id === televisitId ? view : null
  return (
    <Call
      visit={visit.data}
      view={mine}
      back={
        <span className="narrow-only">
          <Button kind="quiet" small icon="chevron-left" onPress={() => go({ place: 'today', id: televisitId })}>
            {t('back')}
          </Button>
        </span>
      }
    />
  )
}

function Call({ visit, view, back }: { visit: TelevisitView; view: CallView | null; back: ReactNode }) {
  const { t } = useTranslation('call')
  const { go } = useRoute()
  const [dialog, setDialog] = useState<'outcome' | 'phone' | null>(null)
  const [tab, setTab] = useState<SideTab>('record')
  const [chatOpen, setChatOpen] = useState(true)
  const [firstPicture, setFirstPicture] = useState(false)
  const controls = useCallControls()
  const resumed = useResumed(view)
  const chatField = useRef<HTMLInputElement>(null)
  const phase = view?.phase ?? null
  const interrupted = phase?.phase === 'interrupted'
  const asked = phase?.phase === 'interrupted' && phase.ask_outcome
  const ended = phase?.phase === 'ended'

  // Asked once for each interruption; the doctor may close it and keep waiting.
  useEffect(() => {
    if (asked) setDialog('outcome')
  }, [asked])
  // The link came back while the outcome was being asked: the question goes away by itself.
  const wasInterrupted = useRef(false)
  useEffect(() => {
    if (wasInterrupted.current && phase?.phase === 'connected') setDialog(null)
    wasInterrupted.current = interrupted
  }, [interrupted, phase?.phase])
  useEffect(() => {
    if (ended && !visit.outcome) setDialog('outcome')
  }, [ended, visit.outcome])

  const toggleChat = () => {
    if (chatOpen) setChatOpen(false)
    else {
      setChatOpen(true)
      setTimeout(() => chatField.current?.focus())
    }
  }
  const microphone = () => view && controls.microphone(!view.microphone_on)
  const camera = () => view && controls.camera(!view.camera_on)
  useShortcuts({
    'Ctrl+D': () => void microphone(),
    'Ctrl+E': () => void camera(),
    'Ctrl+Shift+C': toggleChat,
    'Ctrl+Shift+X': () => setDialog('outcome'),
    'Alt+R': () => go({ place: 'today', id: visit.id, view: 'report' }),
    'Alt+T': () => setDialog('phone'),
    Escape: () => go({ place: 'today', id: visit.id }),
  })

  const people = visit.participants.filter(({ connected }) => connected).length
  return (
    <>
      <IdentityBar patient={visit.patient} back={back} badges={<Badges visit={visit} />} />
      <div className="call">
        <section
          className="call-stage"
          aria-label={t('title')}
          data-pane="call"
          data-testid="call"
          data-phase={phase?.phase ?? 'none'}
        >
          <div className={`call-video${interrupted ? ' is-cut' : ''}`}>
            <Picture kind="remote" label={t('remotePicture')} onFirst={() => setFirstPicture(true)} />
            {view && phase?.phase === 'connected' && !view.remote_video ? (
              <Cover icon="video-off" title={t('noRemoteVideo')} />
            ) : phase?.phase === 'connecting' || (!firstPicture && !interrupted) ? (
              <Cover icon="user" title={t('connecting')}>
                {t('connectingText')}
              </Cover>
            ) : null}
            <div className="call-top">
              {view ? <QualityTag view={view} /> : null}
              {resumed ? (
                <span className="call-tag is-good" role="status" data-testid="resumed">
                  <Icon name="check-circle" size="s" />
                  {t('resumed')}
                </span>
              ) : null}
              {view?.synthetic ? (
                <span className="call-tag" data-testid="synthetic-source">
                  <Icon name="info-circle" size="s" />
                  {t('synthetic')}
                </span>
              ) : null}
            </div>
            <div className="call-name call-tag">
              <b>{spokenName(visit.patient)}</b> {t('patient')}
              {view && !view.remote_audio && phase?.phase === 'connected' ? (
                <Icon name="microphone-off" size="s" label={t('remoteMuted')} />
              ) : null}
            </div>
            {view && interrupted ? (
              <Interruption view={view} onPhone={() => setDialog('phone')} onOutcome={() => setDialog('outcome')} />
            ) : null}
            <SelfView off={view ? !view.camera_on : true} />
          </div>
          {controls.failure ? (
            <div className="call-failure">
              <FailureBanner failure={controls.failure} />
            </div>
          ) : null}
          <div className="call-bar" role="toolbar" aria-label={t('bar')}>
            <Control
              icon={view?.microphone_on === false ? 'microphone-off' : 'microphone'}
              word={t('microphone')}
              said={view?.microphone_on === false ? t('microphoneOff') : undefined}
              on={view?.microphone_on ?? false}
              testId="call-microphone"
              onPress={microphone}
            />
            <Control
              icon={view?.camera_on === false ? 'video-off' : 'video'}
              word={t('camera')}
              said={view?.camera_on === false ? t('cameraOff') : undefined}
              on={view?.camera_on ?? false}
              testId="call-camera"
              onPress={camera}
            />
            <Control
              icon="camera"
              word={t('image')}
              title={visit.consent?.to_image ? t('imageTake') : t('imageNoConsent')}
              testId="call-image"
              done={view?.image_acquired_at !== null && view?.image_acquired_at !== undefined}
              onPress={controls.captureImage}
            />
            <Control icon="comment" word={t('chat')} on={chatOpen} testId="call-chat" onPress={toggleChat} />
            <Control
              icon="user"
              word={t('participants')}
              on={tab === 'people'}
              count={people}
              testId="call-participants"
              onPress={() => setTab(tab === 'people' ? 'record' : 'people')}
            />
            <Control
              icon="file"
              word={t('toReport')}
              testId="call-to-report"
              onPress={() => go({ place: 'today', id: visit.id, view: 'report' })}
            />
            <Control icon="phone" word={t('end')} danger testId="call-end" onPress={() => setDialog('outcome')} />
          </div>
        </section>
        <CallSide
          visit={visit}
          view={view}
          tab={tab}
          onTab={setTab}
          chatOpen={chatOpen}
          stopped={interrupted}
          fieldRef={chatField}
          onChat={controls.chat}
          onPhone={() => setDialog('phone')}
        />
      </div>
      {dialog === 'outcome' ? (
        <OutcomeDialog televisitId={visit.id} view={view} onClose={() => setDialog(null)} />
      ) : null}
      {dialog === 'phone' ? <PhoneDialog patient={visit.patient} onClose={() => setDialog(null)} /> : null}
      <span className="hide-text" role="status">
        {view?.image_acquired_at ? t('imageAt', { at: clock(view.image_acquired_at) }) : ''}
      </span>
    </>
  )
}

function Cover({ icon, title, children }: { icon: IconName; title: string; children?: ReactNode }) {
  return (
    <div className="call-cover" role="status">
      <Icon name={icon} size="l" />
      <b>{title}</b>
      {children ? <span className="t-xs">{children}</span> : null}
    </div>
  )
}

type ControlProps = {
  icon: IconName
  word: string
  said?: string
  title?: string
  on?: boolean
  done?: boolean
  danger?: boolean
  count?: number
  testId: string
  onPress: () => unknown
}

function Control({ icon, word, said, title, on, done, danger, count, testId, onPress }: ControlProps) {
  const working = useRef(false)
  return (
    <button
      type="button"
      className={`call-control${on ? ' is-on' : ''}${danger ? ' is-danger' : ''}`}
      aria-pressed={on}
      title={said ?? title}
      data-testid={testId}
      onClick={() => {
        if (working.current) return
        const answer = onPress()
        if (answer instanceof Promise) {
          working.current = true
          void answer.finally(() => {
            working.current = false
          })
        }
      }}
    >
      <Icon name={icon} size="l" />
      {count ? <span className="call-n">{count}</span> : null}
      {done ? (
        <span className="call-n is-done">
          <Icon name="check" size="s" />
        </span>
      ) : null}
      <span>{word}</span>
    </button>
  )
}
