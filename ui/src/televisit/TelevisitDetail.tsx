import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMinute } from '../agenda/AgendaRow'
import { ribbonItems } from '../agenda/ribbon'
import { FailureBanner } from '../app/FailureBanner'
import { useRoute } from '../app/routes'
import { useShortcuts } from '../app/shortcuts'
import { useCallState } from '../call/state'
import { Badge, Banner, Button, Card, IdentityBar, Ribbon, SkeletonCards } from '../design'
import { DocumentsCard } from '../document/DocumentsCard'
import { clock, dayMonth, minutesSince, spokenName, weekday } from '../i18n/format'
import type { TelevisitView } from '../ipc/generated/TelevisitView'
import { useView } from '../ipc/query'
import { StationDialog } from '../station/StationDialog'
import { BeforeStarting, isReady } from './BeforeStarting'
import { ConsentDialog } from './ConsentDialog'
import { DelayDialog } from './DelayDialog'
import { IdentityDialog } from './IdentityDialog'
import { InviteDialog, type Invited } from './InviteDialog'
import { NotDeliveredDialog } from './NotDeliveredDialog'
import { PhoneDialog } from './PhoneDialog'
import { StartDialog } from './StartDialog'
import { TestDialog } from './TestDialog'
import './televisit.css'

export type DialogName = 'identity' | 'consent' | 'delay' | 'notDelivered' | 'phone' | 'start' | 'station' | 'test'

export function TelevisitDetail({ televisitId, onBack }: { televisitId: string; onBack: () => void }) {
  const { t } = useTranslation('frame')
  const view = useView('televisit_open', [{ televisit_id: televisitId }])
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
  return <Detail visit={view.data} onBack={onBack} />
}

function Detail({ visit, onBack }: { visit: TelevisitView; onBack: () => void }) {
  const { t } = useTranslation(['televisit', 'frame', 'agenda', 'patient'])
  const { t: ta } = useTranslation('agenda')
  const { go } = useRoute()
  const { view: running, live } = useCallState()
  const [dialog, setDialog] = useState<DialogName | null>(null)
  useMinute()
  const open = visit.stage === 'booked' || visit.stage === 'waiting'
  const goCall = () => go({ place: 'today', id: visit.id, view: 'call' })
  const goReport = () => go({ place: 'today', id: visit.id, view: 'report' })
  const start = () => {
    if (visit.stage === 'in_call') {
      // After a restart the visit is in its call and the engine is not: devices are chosen again, and the call is taken up.
      if (visit.ended_at || (live && running?.televisit_id === visit.id)) goCall()
      else setDialog('start')
    } else if (open && isReady(visit)) setDialog('start')
  }
  useShortcuts({
    'Alt+I': () => open && !visit.identity && setDialog('identity'),
    'Alt+C': () => open && visit.identity && !visit.consent && setDialog('consent'),
    'Alt+A': start,
    'Alt+R': () => (visit.started_at || visit.stage === 'to_report') && goReport(),
    'Alt+T': () => setDialog('phone'),
    Escape: onBack,
  })

  return (
    <>
      <IdentityBar
        patient={visit.patient}
        back={
          <span className="narrow-only">
            <Button kind="quiet" small icon="chevron-left" onPress={onBack} testId="back-to-list">
              {t('frame:back')}
            </Button>
          </span>
        }
        badges={<Badges visit={visit} short />}
      />
      <Ribbon label={ta('ribbon')} items={ribbonItems(visit.ribbon, ta)} testId="ribbon" />
      <div className="scroll pad" data-testid="televisit-detail" data-stage={visit.stage}>
        <div className="stack wide">
          {visit.stage === 'refused' ? (
            <Banner boxed tone="warn" title={t('refusedTitle')} testId="not-a-control-visit">
              {t('refusedText')}
            </Banner>
          ) : null}
          {visit.outcome?.kind === 'not_delivered' ? (
            <Banner boxed tone="warn" title={t('notHeldTitle')} testId="not-held">
              {t(`reasons.${visit.outcome.reason}`)}
              {visit.outcome.note ? `: ${visit.outcome.note}` : ''}.
            </Banner>
          ) : null}
          <div className="two">
            <div className="stack wide">
              {open ? <BeforeStarting visit={visit} onOpen={setDialog} /> : null}
              <QuestionCard visit={visit} />
              <TherapyCard visit={visit} />
            </div>
            <div className="stack wide">
              <ParticipantsCard visit={visit} />
              <DocumentsCard patientId={visit.patient.id} documents={visit.documents} />
            </div>
          </div>
        </div>
      </div>
      <div className="foot">
        {open ? (
          <>
            <Button icon="due" testId="notify-delay" onPress={() => setDialog('delay')}>
              {visit.delay_minutes === null ? t('delay') : t('delayDone', { count: visit.delay_minutes })}
            </Button>
            <Button icon="phone" testId="phone" onPress={() => setDialog('phone')}>
              {t('phone')}
            </Button>
            <Button kind="quiet" testId="not-delivered" onPress={() => setDialog('notDelivered')}>
              {t('notDelivered')}
            </Button>
          </>
        ) : (
          <Button icon="phone" testId="phone" onPress={() => setDialog('phone')}>
            {t('phone')}
          </Button>
        )}
        <span className="grow" />
        <MainAction visit={visit} onStart={start} onReport={goReport} />
      </div>
      {dialog === 'identity' ? <IdentityDialog visit={visit} onClose={() => setDialog(null)} /> : null}
      {dialog === 'consent' ? <ConsentDialog visit={visit} onClose={() => setDialog(null)} /> : null}
      {dialog === 'delay' ? <DelayDialog visit={visit} onClose={() => setDialog(null)} /> : null}
      {dialog === 'notDelivered' ? <NotDeliveredDialog visit={visit} onClose={() => setDialog(null)} /> : null}
      {dialog === 'phone' ? <PhoneDialog patient={visit.patient} onClose={() => setDialog(null)} /> : null}
      {dialog === 'start' ? <StartDialog visit={visit} onClose={() => setDialog(null)} onStarted={goCall} /> : null}
      {dialog === 'station' ? <StationDialog onClose={() => setDialog(null)} /> : null}
      {dialog === 'test' ? <TestDialog visit={visit} onClose={() => setDialog(null)} /> : null}
    </>
  )
}

/** In the detail beside the list there is room for few words. */
export function Badges({ visit, short }: { visit: TelevisitView; short?: boolean }) {
  const { t } = useTranslation('televisit')
  if (visit.stage === 'waiting' && visit.waiting_since && !(visit.identity && visit.consent))
    return (
      <Badge tone="info" icon="due" testId="waiting-badge">
        {t('waitingBadge', { count: minutesSince(visit.waiting_since) })}
      </Badge>
    )
  if (visit.stage === 'not_held')
    return (
      <Badge tone="warn" icon="warning-circle">
        {t('notHeld')}
      </Badge>
    )
  return (
    <>
      {visit.identity ? (
        <Badge tone="ok" icon="check-circle" testId="identity-badge">
          {t(short ? 'identityBadgeShort' : 'identityBadge', { at: clock(visit.identity.at) })}
        </Badge>
      ) : null}
      {visit.consent ? (
        <Badge tone="ok" icon="check-circle" testId="consent-badge">
          {t('consentBadge', { at: clock(visit.consent.at) })}
        </Badge>
      ) : null}
    </>
  )
}

function MainAction({ visit, onStart, onReport }: { visit: TelevisitView; onStart: () => void; onReport: () => void }) {
  const { t } = useTranslation('televisit')
  const { go } = useRoute()
  switch (visit.stage) {
    case 'booked':
    case 'waiting': {
      const ready = isReady(visit)
      const missing = !visit.identity
        ? visit.consent
          ? t('missingIdentity')
          : t('missingBoth')
        : !visit.consent
          ? t('missingConsent')
          : visit.stage === 'booked'
            ? t('missingPatient')
            : t('ready')
      return (
        <>
          <span className="t-xs mut nw wide-only" id="start-missing">
            {missing}
          </span>
          <Button
            kind="primary"
            icon="video"
            disabled={!ready}
            describedBy="start-missing"
            testId="start-televisit"
            onPress={onStart}
          >
            {t('start')}
          </Button>
        </>
      )
    }
    case 'in_call':
      return (
        <Button kind="primary" icon="video" testId="resume-call" onPress={onStart}>
          {t('resume')}
        </Button>
      )
    case 'to_report':
      return (
        <Button kind="primary" icon="pencil" testId="open-report" onPress={onReport}>
          {t('openReport')}
        </Button>
      )
    case 'delivering':
    case 'done':
      return (
        <>
          {visit.report_id ? (
            <Button icon="file" testId="open-report" onPress={onReport}>
              {t('openReport')}
            </Button>
          ) : null}
          <Button
            kind="primary"
            icon="upload"
            testId="open-receipts"
            onPress={() => go({ place: 'queue', id: visit.id })}
          >
            {t('openReceipts')}
          </Button>
        </>
      )
    default:
      return null
  }
}

function QuestionCard({ visit }: { visit: TelevisitView }) {
  const { t } = useTranslation('televisit')
  const prescription = visit.prescription
  return (
    <Card title={t('question')} testId="question">
      <div className="ps-card-body text">
        {prescription ? (
          <>
            <p className="t-md">{prescription.question}</p>
            <p className="t-xs mut televisit-source">
              {t('prescribedBy', { who: prescription.requester, on: weekday(prescription.date) })}{' '}
              {prescription.control_visit ? <b>{t('controlVisit')}</b> : null}
            </p>
            <p className="t-xs mut">
              {prescription.service}. NRE <span className="mono">{prescription.nre}</span>
            </p>
          </>
        ) : (
          <p className="mut">{t('noPrescription')}</p>
        )}
      </div>
    </Card>
  )
}

/** *Bisoprololo 2,5 mg: 1 volta al giorno* reads as name and dose. */
function TherapyCard({ visit }: { visit: TelevisitView }) {
  const { t } = useTranslation('televisit')
  return (
    <Card
      title={t('therapy')}
      end={visit.therapy_of ? t('therapyOf', { on: dayMonth(visit.therapy_of) }) : undefined}
      testId="therapy"
    >
      <div className="ps-card-body">
        {visit.therapy.length === 0 ? (
          <p className="mut">{t('noTherapy')}</p>
        ) : (
          <ul>
            {visit.therapy.map((line) => {
              const [drug, dose] = splitTherapy(line)
              return (
                <li key={line} className="line televisit-therapy">
                  <span className="grow">{drug}</span>
                  <span className="mut">{dose}</span>
                </li>
              )
            })}
          </ul>
        )}
      </div>
    </Card>
  )
}

export function splitTherapy(line: string): [string, string] {
  const at = line.search(/[:;]\s/)
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1).trim()]
}

export function ParticipantsCard({ visit }: { visit: TelevisitView }) {
  const { t } = useTranslation('televisit')
  const people =
    visit.participants.length > 0
      ? visit.participants
      : [
          {
            name: spokenName(visit.patient),
            relation: 'paziente',
            connected: visit.waiting_since !== null,
            invited_at: null,
            invitation_queued: false,
          },
        ]
  const [inviting, setInviting] = useState<Invited | null>(null)
  const open = ['booked', 'waiting', 'in_call'].includes(visit.stage)
  // Who speaks for the patient is at the patient's own screen; a caregiver is elsewhere.
  const caregiver = (name: string) =>
    visit.patient.related.find((person) => !person.title && spokenName(person) === name)
  return (
    <Card
      title={t('participants')}
      testId="participants"
      end={
        open ? (
          <Button
            small
            kind="quiet"
            testId="invite-caregiver"
            onPress={() => setInviting({ family: '', given: '', relation: '' })}
          >
            {t('inviteCaregiver')}
          </Button>
        ) : undefined
      }
    >
      <ul className="ps-card-body">
        {people.map((person) => {
          const known = open && !person.invited_at ? caregiver(person.name) : undefined
          return (
            <li key={`${person.name}/${person.relation}`} className="line televisit-person">
              <span className="grow cut">
                {person.name}, {person.relation}
              </span>
              {person.connected ? (
                <Badge tone="ok" icon="check">
                  {t('connected')}
                </Badge>
              ) : person.invited_at ? (
                <Badge
                  tone={person.invitation_queued ? 'warn' : 'info'}
                  icon={person.invitation_queued ? 'due' : 'upload'}
                  testId="invitation"
                >
                  {t(person.invitation_queued ? 'invitationQueued' : 'invitationSent')}
                </Badge>
              ) : known ? (
                <Button
                  small
                  testId="invite-known"
                  label={t('inviteName', { name: person.name })}
                  onPress={() => setInviting(known)}
                >
                  {t('invite')}
                </Button>
              ) : (
                <span className="t-xs mut">{t('notConnected')}</span>
              )}
            </li>
          )
        })}
      </ul>
      {inviting ? <InviteDialog visit={visit} who={inviting} onClose={() => setInviting(null)} /> : null}
    </Card>
  )
}
