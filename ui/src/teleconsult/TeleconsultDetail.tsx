import { useTranslation } from 'react-i18next'
import { useMinute } from '../agenda/AgendaRow'
import { FailureBanner } from '../app/FailureBanner'
import { asks, useRole } from '../app/role'
import { useRoute } from '../app/routes'
import { useShortcuts } from '../app/shortcuts'
import { Badge, Banner, Button, IdentityBar, SkeletonCards } from '../design'
import { shortWhen } from '../i18n/format'
import type { TeleconsultView } from '../ipc/generated/TeleconsultView'
import { useView } from '../ipc/query'
import { Acknowledge } from './Acknowledge'
import { AnswerBox } from './AnswerBox'
import { CaseSide } from './CaseSide'
import { Conversation } from './Conversation'
import { dueOf, turnLine } from './due'
import { PrescriptionCard } from './Prescriptions'
import { ReplyBox } from './ReplyBox'
import { Stopped } from './Stopped'
import { Versions } from './Versions'
import './teleconsult.css'

export function TeleconsultDetail({ teleconsultId, onBack }: { teleconsultId: string; onBack: () => void }) {
  const { t } = useTranslation('frame')
  const view = useView('teleconsult_open', [{ teleconsult_id: teleconsultId }])
  useShortcuts({ Escape: onBack })
  if (view.error)
    return (
      <div className="pad stack">
        <div className="narrow-only">
          <Button kind="quiet" small icon="chevron-left" onPress={onBack}>
            {t('back')}
          </Button>
        </div>
        <FailureBanner failure={view.error.failure} onRetry={() => view.refetch()} />
      </div>
    )
  if (!view.data) return <SkeletonCards />
  return <Detail view={view.data} onBack={onBack} />
}

function Detail({ view, onBack }: { view: TeleconsultView; onBack: () => void }) {
  const { t } = useTranslation('teleconsult')
  const { t: frame } = useTranslation('frame')
  const role = useRole()
  const { row } = view
  useMinute()
  const question = view.messages.find(({ kind }) => kind === 'question')
  return (
    <>
      <IdentityBar
        patient={row.patient}
        badges={<TurnBadge view={view} />}
        back={
          <span className="narrow-only">
            <Button kind="quiet" small icon="chevron-left" testId="back" onPress={onBack}>
              {frame('back')}
            </Button>
          </span>
        }
      />
      <div className="case" data-testid="teleconsult-detail" data-state={row.state}>
        <div className="case-main">
          <div className="case-head">
            <h2>{row.question || question?.text.split('\n')[0]}</h2>
            <p className="case-turn" data-testid="turn-line">
              {turnLine(row, t)}
            </p>
            <p className="t-xs mut" data-testid="teleconsult-about">
              {row.number
                ? t('about', {
                    mode: t(`modes.${view.mode}`),
                    number: row.number,
                    priority: row.priority,
                    at: shortWhen(row.asked_at),
                  })
                : t('aboutUnsent', {
                    mode: t(`modes.${view.mode}`),
                    priority: row.priority,
                    at: shortWhen(row.asked_at),
                  })}
            </p>
          </div>
          <State view={view} asking={asks(role)} />
          {view.versions ? <Versions view={view} /> : null}
          {view.stopped ? <Stopped view={view} /> : null}
          {asks(role) && view.messages.some(({ opening }) => opening?.control_visit) ? (
            <PrescriptionCard teleconsultId={row.id} />
          ) : null}
          <Conversation view={view} />
          {role === 'specialist' ? (
            <AnswerBox key={stoppedId(view)} view={view} />
          ) : view.can_reply ? (
            <ReplyBox key={stoppedId(view)} view={view} />
          ) : view.can_acknowledge ? (
            <Acknowledge key={stoppedId(view)} view={view} />
          ) : null}
        </div>
        <CaseSide view={view} />
      </div>
    </>
  )
}

/** Once what was refused is taken back, its box begins anew with those words. */
const stoppedId = ({ stopped, versions }: TeleconsultView) => stopped?.message?.id ?? versions?.mine.id ?? 'none'

function TurnBadge({ view: { row, owner } }: { view: TeleconsultView }) {
  const { t } = useTranslation('teleconsult')
  const due = dueOf(row, t)
  if (row.queue && row.queue !== 'confirmed')
    return (
      <Badge
        tone={row.queue === 'to_correct' || row.queue === 'conflict' ? 'danger' : 'off'}
        icon="queue"
        testId="queue-badge"
      >
        {t(`queue.${row.queue}`)}
      </Badge>
    )
  if (row.state === 'acknowledged')
    return (
      <Badge tone="ok" icon="check-circle">
        {t('states.acknowledged')}
      </Badge>
    )
  if (row.state === 'requested' && !owner)
    return (
      <Badge tone="warn" icon="due">
        {t('badgeFree')}
        {due ? `, ${due.words}` : ''}
      </Badge>
    )
  if (row.my_turn)
    return (
      <Badge tone={due?.tone === 'danger' ? 'danger' : 'warn'} icon="due" testId="turn-badge">
        {due ? t('badgeMine', { due: due.words }) : t('badgeMineBare')}
      </Badge>
    )
  return row.turn_of ? (
    <Badge tone="plain" icon="due" testId="turn-badge">
      {t('badgeOther', { name: row.turn_of })}
    </Badge>
  ) : null
}

/** What happened to it, when that is not in the conversation: it waits in the queue, it was sent, it is over. */
function State({ view: { row, owner, versions, stopped }, asking }: { view: TeleconsultView; asking: boolean }) {
  const { t } = useTranslation('teleconsult')
  const { go } = useRoute()
  if (versions || stopped) return null
  if (row.queue && row.queue !== 'confirmed')
    return (
      <Banner
        tone={row.queue === 'to_correct' || row.queue === 'conflict' ? 'danger' : 'off'}
        icon="queue"
        title={
          row.queue === 'to_correct' || row.queue === 'conflict' ? `${t(`queue.${row.queue}`)}.` : t('queuedTitle')
        }
        testId="teleconsult-queued"
        action={
          <Button small testId="see-queue" onPress={() => go({ place: 'queue', id: row.id })}>
            {t('seeQueue')}
          </Button>
        }
      >
        {t(row.queue === 'sending' || row.queue === 'ready' ? 'queuedSending' : 'queuedText')}
      </Banner>
    )
  if (asking && row.state === 'requested' && row.number && !owner)
    return (
      <Banner tone="ok" title={t('sentTitle', { number: row.number })} testId="teleconsult-sent">
        {t('sentText', { speciality: row.speciality })}
      </Banner>
    )
  if (row.state === 'acknowledged')
    return (
      <Banner tone="ok" title={t('closedTitle')} testId="teleconsult-closed">
        {t('closedText')}
      </Banner>
    )
  return null
}
