import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMinute } from '../agenda/AgendaRow'
import { FailureBanner } from '../app/FailureBanner'
import { useRoute } from '../app/routes'
import { useShortcuts } from '../app/shortcuts'
import { Badge, Banner, Button, Card, Facts, IdentityBar, SkeletonCards } from '../design'
import { nearDay, personName, span } from '../i18n/format'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { TransitionState } from '../ipc/generated/TransitionState'
import type { TransitionView } from '../ipc/generated/TransitionView'
import { useView } from '../ipc/query'
import { AssignDialog } from './AssignDialog'
import { movesOf } from './board'
import { CaseLog } from './CaseLog'
import { Checklist } from './Checklist'
import { DetailDialog } from './DetailDialog'
import { OfferDialog } from './OfferDialog'
import { useShowTransition } from './update'
import './transition.css'

export function CaseDetail({ transitionId, onBack }: { transitionId: string; onBack: () => void }) {
  const { t } = useTranslation('transition')
  const view = useView('transition_open', [{ transition_id: transitionId }])
  useShortcuts({ Escape: onBack })
  if (view.error)
    return (
      <div className="pad stack">
        <div>
          <Button icon="chevron-left" onPress={onBack}>
            {t('back')}
          </Button>
        </div>
        <FailureBanner failure={view.error.failure} onRetry={() => view.refetch()} />
      </div>
    )
  if (!view.data) return <SkeletonCards />
  return <Detail view={view.data} onBack={onBack} />
}

function Detail({ view, onBack }: { view: TransitionView; onBack: () => void }) {
  const { t } = useTranslation('transition')
  const { go } = useRoute()
  const { card } = view
  const show = useShowTransition()
  const { run, failure, busy } = useAction()
  const [dialog, setDialog] = useState<'offer' | 'assign' | 'detail' | null>(null)
  useMinute()
  const closed = card.state === 'closed'
  const free = card.owner === null && !closed
  const moves = card.mine && card.handed_to === null ? movesOf(card) : []
  const claim = () => run(() => call('transition_claim', { transition_id: card.id }), show)
  const move = (state: TransitionState) => run(() => call('transition_move', { transition_id: card.id, state }), show)
  useShortcuts({
    'Alt+A': () => free && void claim(),
    'Ctrl+Enter': () => moves[0] && void move(moves[0]),
  })
  const waits = card.queue !== null && card.queue !== 'confirmed'
  const wrong = card.queue === 'to_correct' || card.queue === 'conflict'

  return (
    <>
      <IdentityBar
        patient={card.patient}
        back={
          <Button kind="quiet" small icon="chevron-left" testId="back-to-board" onPress={onBack}>
            {t('back')}
          </Button>
        }
        badges={
          <Badge
            tone={closed ? 'ok' : free ? 'warn' : 'info'}
            icon={closed ? 'check-circle' : 'cases'}
            testId="case-state"
          >
            {t(`columns.${card.state}`)}
          </Badge>
        }
      />
      <div className="scroll pad" data-testid="case-detail" data-state={card.state} data-mine={card.mine}>
        <div className="stack wide">
          {failure ? <FailureBanner failure={failure} /> : null}
          {waits ? (
            <Banner
              boxed
              tone={wrong ? 'danger' : 'off'}
              icon="queue"
              title={t(wrong ? 'correctTitle' : 'queuedTitle')}
              testId="case-queued"
              action={
                <Button small onPress={() => go({ place: 'queue', id: card.id })}>
                  {t('seeQueue')}
                </Button>
              }
            >
              {t(wrong ? 'correctText' : 'queuedText')}
            </Banner>
          ) : null}
          {card.handed_to && card.mine ? (
            <Banner boxed tone="info" title={t('offeredTitle', { name: card.handed_to })} testId="case-offered">
              {t('offeredText')}
            </Banner>
          ) : null}
          {closed ? (
            <Banner boxed tone="ok" title={t('closedTitle')} testId="case-closed">
              {t('closedText')}
            </Banner>
          ) : null}
          <div className="two">
            <CaseLog view={view} />
            <div className="stack wide">
              <Checklist view={view} />
              <Card
                title={t('case')}
                end={
                  card.mine && !closed ? (
                    <Button kind="quiet" small icon="note" testId="edit-detail" onPress={() => setDialog('detail')}>
                      {t('edit')}
                    </Button>
                  ) : undefined
                }
              >
                <div className="ps-card-body">
                  <Facts
                    items={[
                      {
                        name: t('state'),
                        value: t('stateSince', {
                          state: t(`columns.${card.state}`),
                          span: span(Date.now() - Date.parse(card.since)),
                        }),
                      },
                      {
                        name: t('owner'),
                        value: card.mine
                          ? capital(t('you'))
                          : (card.owner ?? <span className="c-warn">{t('nobody')}</span>),
                      },
                      { name: t('from'), value: t(`origins.${card.origin}`) },
                      { name: t('to'), value: t(`destinations.${card.destination}`) },
                      {
                        name: t('expected'),
                        value: card.expected_discharge ? (
                          nearDay(card.expected_discharge)
                        ) : (
                          <span className="mut">{t('notSet')}</span>
                        ),
                      },
                      {
                        name: t('assessment'),
                        value: view.assessment ? (
                          t(`assessments.${view.assessment}`)
                        ) : (
                          <span className="mut">{t('notSet')}</span>
                        ),
                      },
                      { name: t('pai'), value: view.pai ?? <span className="mut">{t('notSetMasculine')}</span> },
                      ...(view.receiver ? [{ name: t('receiver'), value: view.receiver }] : []),
                    ]}
                  />
                  {view.from_citizen ? <p className="t-xs mut">{t('fromCitizen')}</p> : null}
                </div>
              </Card>
              <Card title={t('contacts')}>
                <div className="ps-card-body">
                  <ul className="side-lines case-contacts">
                    <li>
                      <span className="grow">{personName(card.patient)}</span>
                      <span className="nw">{card.patient.phone ?? t('notSet')}</span>
                    </li>
                    {card.patient.related.map((person) => (
                      <li key={`${person.family} ${person.given}`}>
                        <span className="grow">
                          {personName(person)} <span className="mut t-xs">{person.relation}</span>
                        </span>
                        <span className="nw">{person.phone ?? t('notSet')}</span>
                      </li>
                    ))}
                  </ul>
                </div>
              </Card>
              <Card title={t('nextTitle')}>
                <p className="ps-card-body mut">
                  {card.owner !== null && !card.mine
                    ? t('notYours', { name: card.owner })
                    : t(`nextText.${card.state}`)}
                  {free ? ` ${t('claimNeedsNetwork')}` : ''}
                </p>
              </Card>
            </div>
          </div>
        </div>
      </div>
      {free || card.mine ? (
        <div className="foot">
          {card.mine && card.handed_to === null && !closed ? (
            <Button icon="handover" testId="hand-over" onPress={() => setDialog('offer')}>
              {t('handOver')}
            </Button>
          ) : null}
          {(card.mine && card.handed_to === null && !closed) || free ? (
            <Button kind="quiet" icon="user" testId="assign-case" onPress={() => setDialog('assign')}>
              {t('assign')}
            </Button>
          ) : null}
          <span className="grow" />
          {free ? (
            <Button kind="primary" busy={busy} testId="claim-case" onPress={claim}>
              {t('claim')}
            </Button>
          ) : (
            [...moves].reverse().map((state) => (
              <Button
                key={state}
                kind={state === moves[0] ? 'primary' : 'second'}
                busy={busy}
                testId={`move-${state}`}
                onPress={() => move(state)}
              >
                {state === 'referred' || state === 'assessment' ? t(`columns.${state}`) : t(`moves.${state}`)}
              </Button>
            ))
          )}
        </div>
      ) : null}
      {dialog === 'offer' ? (
        <OfferDialog cards={[card]} colleagues={view.colleagues} onClose={() => setDialog(null)} />
      ) : null}
      {dialog === 'assign' ? <AssignDialog view={view} onClose={() => setDialog(null)} /> : null}
      {dialog === 'detail' ? <DetailDialog view={view} onClose={() => setDialog(null)} /> : null}
    </>
  )
}

const capital = (word: string) => word.charAt(0).toLocaleUpperCase('it') + word.slice(1)
