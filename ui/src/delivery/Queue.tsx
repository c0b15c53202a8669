import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMinute } from '../agenda/AgendaRow'
import { FailureBanner } from '../app/FailureBanner'
import { useRoute } from '../app/routes'
import { useShortcuts } from '../app/shortcuts'
import { useSeconds } from '../call/state'
import {
  Badge,
  Banner,
  Button,
  Card,
  Chain,
  Empty,
  GroupHead,
  Icon,
  type IconName,
  IdentityBar,
  moveBetweenRows,
  Row,
  Segments,
  SkeletonRows,
} from '../design'
import { age, bytes, clock, day, nearDay, personName, shortWhen } from '../i18n/format'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { LinkView } from '../ipc/generated/LinkView'
import type { QueueRowView } from '../ipc/generated/QueueRowView'
import type { QueueSubject } from '../ipc/generated/QueueSubject'
import type { QueueView } from '../ipc/generated/QueueView'
import type { UploadView } from '../ipc/generated/UploadView'
import { useView } from '../ipc/query'
import { SignWaiting } from '../report/SignWaiting'
import { ClockCard } from './ClockCard'
import { chainOf, clockOf } from './receipts'
import './delivery.css'

type Filter = 'queued' | 'to_correct' | 'delivered_today'
type T = ReturnType<typeof useTranslation<'delivery'>>['t']

const ICONS: Record<QueueSubject, IconName> = {
  report: 'file-signed',
  teleconsult_request: 'comment',
  teleconsult_answer: 'comment',
  teleconsult_message: 'comment',
  attachment: 'clip',
  transition: 'list',
  handover: 'handover',
  visit_record: 'video',
  audit: 'key',
}

const idOf = (row: QueueRowView) => row.item.opens ?? row.item.id

/** *Coda*: what has not been confirmed, in sending order, and the receipts of each. */
export function Queue() {
  const { t } = useTranslation('delivery')
  const { route, go } = useRoute()
  const station = useView('station_state', [])
  const queue = useView('delivery_queue', [])
  const [picked, setPicked] = useState<Filter | null>(null)
  const [signing, setSigning] = useState<QueueRowView[] | null>(null)
  useMinute()

  const filter = picked ?? filterOf(queue.data, route.id)
  const rows = queue.data?.[filter] ?? []
  const all = queue.data ? [...queue.data.queued, ...queue.data.to_correct, ...queue.data.delivered_today] : []
  const toSign = (queue.data?.queued ?? []).filter(({ item }) => item.state === 'awaiting_signature')
  const chosen = all.find((row) => idOf(row) === route.id || row.item.id === route.id)
  const first = rows[0] ? idOf(rows[0]) : undefined
  useEffect(() => {
    if (!route.id && first && window.matchMedia?.('(min-width: 1200px)').matches) go({ place: 'queue', id: first })
  }, [route.id, first, go])
  useShortcuts({ Escape: () => go({ place: 'queue' }) })

  return (
    <>
      {station.data && !station.data.link.online ? (
        <OfflineBanner link={station.data.link} asOf={station.dataUpdatedAt} />
      ) : null}
      {toSign.length > 0 && station.data?.link.online ? (
        <Banner
          tone="warn"
          testId="sign-waiting-banner"
          title={t('signWaitingTitle', { count: toSign.length })}
          action={
            <Button small kind="primary" testId="open-sign-waiting" onPress={() => setSigning(toSign)}>
              {t('signWaiting', { count: toSign.length })}
            </Button>
          }
        >
          {t('signWaitingText')}
        </Banner>
      ) : null}
      {signing ? <SignWaiting rows={signing} onClose={() => setSigning(null)} /> : null}
      <div className={`split${route.id ? ' has-detail' : ''}`}>
        <section className="pane list" aria-label={t('title')} data-pane="list" data-testid="queue">
          <div className="pane-head">
            <h1 className="grow">{t('title')}</h1>
            <span className="t-xs mut">
              {queue.data
                ? queue.data.last_sent
                  ? queue.data.bytes > 0
                    ? t('summary', { size: bytes(queue.data.bytes), at: shortWhen(queue.data.last_sent) })
                    : t('lastSent', { at: shortWhen(queue.data.last_sent) })
                  : t('summaryNone')
                : null}
            </span>
          </div>
          <Segments<Filter>
            label={t('title')}
            value={filter}
            onChange={(value) => {
              setPicked(value)
              go({ place: 'queue' })
            }}
            testId="queue-filter"
            options={[
              { value: 'queued', label: t('inQueue'), count: queue.data?.queued.length },
              { value: 'to_correct', label: t('toCorrect'), count: queue.data?.to_correct.length },
              { value: 'delivered_today', label: t('deliveredToday'), count: queue.data?.delivered_today.length },
            ]}
          />
          {queue.error ? (
            <div className="pad">
              <FailureBanner failure={queue.error.failure} onRetry={() => queue.refetch()} />
            </div>
          ) : null}
          {queue.isPending ? <SkeletonRows /> : null}
          {queue.data ? (
            rows.length === 0 ? (
              <Empty
                icon="check-circle"
                testId="queue-empty"
                title={t(
                  filter === 'queued' ? 'emptyTitle' : filter === 'to_correct' ? 'emptyCorrect' : 'emptyDelivered',
                )}
              >
                {filter === 'queued' ? t('emptyText') : null}
              </Empty>
            ) : (
              <ul className="scroll" onKeyDown={moveBetweenRows}>
                <QueueRows rows={rows} filter={filter} chosen={chosen} />
                {filter === 'queued' ? <li className="t-xs mut queue-rule">{t('rule')}</li> : null}
              </ul>
            )
          ) : null}
        </section>
        <section className="pane detail" data-pane="detail">
          {chosen ? (
            <Detail row={chosen} queue={queue.data} />
          ) : (
            <Empty icon="upload" title={t('chooseTitle')}>
              {t('chooseText')}
            </Empty>
          )}
        </section>
      </div>
    </>
  )
}

/** Opened on one item, the list shows the part in which it is. */
function filterOf(queue: QueueView | undefined, id: string | undefined): Filter {
  if (!queue || !id) return 'queued'
  const has = (rows: QueueRowView[]) => rows.some((row) => idOf(row) === id || row.item.id === id)
  if (has(queue.to_correct)) return 'to_correct'
  if (!has(queue.queued) && has(queue.delivered_today)) return 'delivered_today'
  return 'queued'
}

function QueueRows({
  rows,
  filter,
  chosen,
}: {
  rows: QueueRowView[]
  filter: Filter
  chosen: QueueRowView | undefined
}) {
  const { t } = useTranslation('delivery')
  const dayOf = (row: QueueRowView) => (row.delivery ? clockOf(row.delivery).day : 0)
  const late = filter === 'queued' ? rows.filter((row) => dayOf(row) >= 3) : []
  const rest = rows.filter((row) => !late.includes(row))
  const draw = (row: QueueRowView) => <QueueRow key={row.item.id} row={row} selected={row === chosen} />
  return (
    <>
      {late.length > 0 ? (
        <GroupHead count={late.length} tone="warn">
          <Icon name="due" size="s" />
          {t('groupLate', { n: Math.max(...late.map(dayOf)) })}
        </GroupHead>
      ) : null}
      {late.map(draw)}
      {filter === 'queued' && rest.length > 0 ? (
        <GroupHead count={rest.length}>{t(late.length > 0 ? 'groupThen' : 'groupNext')}</GroupHead>
      ) : null}
      {rest.map(draw)}
    </>
  )
}

function QueueRow({ row, selected }: { row: QueueRowView; selected: boolean }) {
  const { t } = useTranslation('delivery')
  const { go } = useRoute()
  const { item, patient } = row
  const open = () => go({ place: 'queue', id: idOf(row) })
  const correct = item.state === 'to_correct' && item.subject === 'report' && item.opens
  return (
    <Row
      narrowLead
      testId={`queue-${idOf(row)}`}
      selected={selected}
      label={`${t(`subjects.${item.subject}`)}${patient ? `, ${personName(patient)}` : ''}`}
      onOpen={open}
      lead={<Icon name={ICONS[item.subject]} className="mut" />}
      who={t(`subjects.${item.subject}`)}
      what={patient ? `${personName(patient)}, ${age(patient)}` : t('noPatient')}
      status={<QueueStatus row={row} />}
      action={
        <Button
          small
          kind={correct ? 'primary' : selected ? 'second' : 'quiet'}
          testId={`queue-open-${idOf(row)}`}
          onPress={correct ? () => go({ place: 'today', id: item.opens ?? '', view: 'report' }) : open}
        >
          {t(correct ? 'correct' : 'open')}
        </Button>
      }
    />
  )
}

function QueueStatus({ row }: { row: QueueRowView }) {
  const { t } = useTranslation('delivery')
  const { item, delivery } = row
  if (item.state === 'confirmed') {
    const portal = delivery?.receipts.find(({ step }) => step === 'on_portal')?.at
    return <span className="c-ok cut">{portal ? t('portalAt', { at: clock(portal) }) : t('states.confirmed')}</span>
  }
  const state = clockOf(delivery ?? { receipts: [], publish_before: null, item: null })
  if (delivery?.publish_before && state.day >= 4)
    return (
      <b className="c-danger cut">
        {t('due', { on: `${nearDay(delivery.publish_before)}, ${clock(delivery.publish_before)}` })}
      </b>
    )
  const signed = delivery?.receipts.find(({ step }) => step === 'signed')?.at
  const { upload } = item
  const words =
    upload && item.state !== 'to_correct'
      ? t(upload.paused ? 'uploadPaused' : 'uploadSent', {
          state: t(`states.${item.state}`),
          sent: bytes(upload.sent),
          size: bytes(upload.size),
        })
      : t(`states.${item.state}`)
  return (
    <b className={`${item.state === 'to_correct' || item.state === 'conflict' ? 'c-danger' : 'c-off'} cut`}>
      {signed
        ? t('signedAt', { at: shortWhen(signed), state: words })
        : t('madeAt', { at: shortWhen(item.created_at), state: words })}
    </b>
  )
}

function Detail({ row, queue }: { row: QueueRowView; queue: QueueView | undefined }) {
  const { t } = useTranslation(['delivery', 'frame'])
  const { t: td } = useTranslation('delivery')
  const { go } = useRoute()
  const { item, patient, delivery } = row
  const back = (
    <span className="narrow-only">
      <Button kind="quiet" small icon="chevron-left" onPress={() => go({ place: 'queue' })}>
        {t('frame:back')}
      </Button>
    </span>
  )
  const others = (queue?.delivered_today ?? []).filter((each) => each !== row)
  return (
    <>
      {patient ? (
        <IdentityBar patient={patient} back={back} badges={<StateBadge row={row} queue={queue} t={td} />} />
      ) : (
        <div className="pane-head">
          {back}
          <h1>{t(`subjects.${item.subject}`)}</h1>
        </div>
      )}
      <div className="scroll pad" data-testid="queue-detail">
        <div className="stack wide">
          <div className="two">
            {delivery ? (
              <Card
                title={t(item.subject === 'report' ? 'receiptsOf' : 'receipts')}
                end={day(item.created_at)}
                testId="receipts"
              >
                <div className="ps-card-body">
                  <Chain items={chainOf(delivery, td)} label={t('receipts')} testId="chain" />
                </div>
              </Card>
            ) : (
              <Card title={t(`subjects.${item.subject}`)} end={day(item.created_at)}>
                <div className="ps-card-body">
                  <QueueStatus row={row} />
                </div>
              </Card>
            )}
            <div className="stack wide">
              {delivery ? <ClockCard delivery={delivery} title={t('fiveDays')} /> : null}
              <WhatToDo row={row} />
            </div>
          </div>
          {others.length > 0 ? <DeliveredTable rows={others} /> : null}
        </div>
      </div>
    </>
  )
}

function StateBadge({ row, queue, t }: { row: QueueRowView; queue: QueueView | undefined; t: T }) {
  if (row.item.state === 'confirmed')
    return (
      <Badge tone="ok" icon="check-circle" testId="delivered-badge">
        {t('badgeDelivered')}
      </Badge>
    )
  if (row.item.state === 'to_correct')
    return (
      <Badge tone="danger" icon="error">
        {t('badgeCorrect')}
      </Badge>
    )
  if (row.item.state === 'awaiting_signature' || row.item.state === 'awaiting_time_stamp')
    return (
      <Badge tone="off" icon="queue">
        {t(row.item.state === 'awaiting_signature' ? 'badgeSign' : 'badgeStamp')}
      </Badge>
    )
  const queued = queue?.queued ?? []
  return (
    <Badge tone="off" icon="queue">
      {t('badgeQueue', { n: queued.indexOf(row) + 1, of: queued.length })}
    </Badge>
  )
}

function WhatToDo({ row }: { row: QueueRowView }) {
  const { t } = useTranslation('delivery')
  const { go } = useRoute()
  const { item } = row
  const words =
    item.state === 'confirmed'
      ? t('whatDone')
      : item.state === 'to_correct'
        ? t('whatCorrect')
        : item.state === 'conflict'
          ? t('whatConflict')
          : item.state === 'awaiting_signature'
            ? t('whatSign')
            : item.state === 'awaiting_time_stamp'
              ? t('whatStamp')
              : item.state === 'waiting_for_login'
                ? t('whatLogin')
                : item.upload?.paused
                  ? t('whatPaused')
                  : t(item.upload ? 'whatUpload' : 'whatNothing')
  return (
    <Card title={t('what')}>
      <div className="ps-card-body stack">
        <p className="mut">{words}</p>
        {item.detail && item.state !== 'confirmed' ? (
          <p className="t-xs mut">
            {t('tries', { count: item.attempts })}. {t('technical', { detail: '' })}
            <span className="mono">{item.detail}</span>
          </p>
        ) : null}
        {item.upload && item.state !== 'to_correct' ? <UploadLine id={item.id} upload={item.upload} /> : null}
        {item.subject === 'report' && item.opens ? (
          <div className="line wrap">
            <Button
              icon="file"
              small
              testId="queue-report"
              onPress={() => go({ place: 'today', id: item.opens ?? '', view: 'report' })}
            >
              {t('openReport')}
            </Button>
            {item.state === 'awaiting_signature' ? <Withdraw televisit={item.opens} /> : null}
          </div>
        ) : null}
      </div>
    </Card>
  )
}

/** Back to a draft: nothing was signed yet. */
function Withdraw({ televisit }: { televisit: string }) {
  const { t } = useTranslation('delivery')
  const { go } = useRoute()
  const { run, failure, busy } = useAction()
  const withdraw = () =>
    run(
      () => call('report_withdraw', { televisit_id: televisit }),
      () => go({ place: 'today', id: televisit, view: 'report' }),
    )
  return (
    <>
      <Button small icon="refresh" busy={busy} testId="withdraw" onPress={() => void withdraw()}>
        {t('withdraw')}
      </Button>
      {failure ? <FailureBanner failure={failure} /> : null}
    </>
  )
}

/** How far a file got, and the pause that a person may want on a poor line. */
function UploadLine({ id, upload }: { id: string; upload: UploadView }) {
  const { t } = useTranslation('delivery')
  const toggle = () => call('delivery_pause_upload', { item_id: id, paused: !upload.paused }).catch(() => {})
  return (
    <div className="line wrap">
      <progress
        value={upload.sent}
        max={Math.max(upload.size, 1)}
        aria-label={t('uploadProgress')}
        data-testid="upload-progress"
      />
      <Button small icon={upload.paused ? 'upload' : 'close'} testId="upload-pause" onPress={toggle}>
        {t(upload.paused ? 'uploadResume' : 'uploadPause')}
      </Button>
    </div>
  )
}

function DeliveredTable({ rows }: { rows: QueueRowView[] }) {
  const { t } = useTranslation('delivery')
  const { go } = useRoute()
  return (
    <Card title={t('deliveredTable')} end={rows.length} testId="delivered-today">
      <ul>
        {rows.map((row) => {
          const portal = row.delivery?.receipts.find(({ step }) => step === 'on_portal')?.at
          const fse = row.delivery?.receipts.find(({ step }) => step === 'in_fse')
          return (
            <li key={row.item.id} className="delivered">
              <Icon name="check-circle" className="c-ok" />
              <button
                type="button"
                className="delivered-name cut"
                onClick={() => go({ place: 'queue', id: idOf(row) })}
              >
                {row.patient ? personName(row.patient) : t('noPatient')}
              </button>
              <span className="mut cut">{t(`subjects.${row.item.subject}`)}</span>
              <span className="nw">{portal ? t('portalAt', { at: clock(portal) }) : ''}</span>
              <span className="mut nw">
                {fse?.at
                  ? t('fseSince', { on: day(fse.foreseen ?? fse.at) })
                  : fse?.foreseen
                    ? t('fseFrom', { on: day(fse.foreseen) })
                    : ''}
              </span>
            </li>
          )
        })}
      </ul>
    </Card>
  )
}

function OfflineBanner({ link, asOf }: { link: LinkView; asOf: number }) {
  const { t } = useTranslation('delivery')
  const passed = useSeconds(new Date(asOf).toISOString())
  const next = link.next_try_s === null ? null : Math.max(0, link.next_try_s - passed)
  return (
    <Banner
      tone="off"
      testId="offline-banner"
      title={link.offline_since ? t('offlineTitle', { at: clock(link.offline_since) }) : t('offlineTitle', { at: '' })}
      action={
        <>
          {next === null ? null : <span className="mut t-xs nw">{t('nextTry', { count: next })}</span>}
          <Button small icon="refresh" testId="retry-now" onPress={() => call('delivery_retry_now').catch(() => {})}>
            {t('retryNow')}
          </Button>
        </>
      }
    >
      {link.queued === 0 ? t('offlineTextNone') : t('offlineText', { count: link.queued })}
    </Banner>
  )
}
