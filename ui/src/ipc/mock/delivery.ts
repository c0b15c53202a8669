/**
 * The queue of the mock host: what waits for a network, what was delivered today, with the receipts of a report.
 * Nothing is sent and nothing leaves the queue by itself. What puts items in it is in the part that makes them.
 */
import type { DeliveryView } from '../generated/DeliveryView'
import type { QueueRowView } from '../generated/QueueRowView'
import type { ReportView } from '../generated/ReportView'
import { at, dayOf } from './day'
import { PATIENTS } from './people'
import { type HandlersOf, now, refuse, type World } from './world'

const delivered = (receivedAt: string): DeliveryView => ({
  receipts: [
    { step: 'validated', at: receivedAt, id: 'WII.2026.4411', foreseen: null },
    { step: 'signed', at: receivedAt, id: null, foreseen: null },
    { step: 'delivered', at: receivedAt, id: 'TRK-0192', foreseen: null },
    { step: 'on_portal', at: receivedAt, id: null, foreseen: null },
    { step: 'in_fse', at: null, id: null, foreseen: dayOf(5) },
  ],
  publish_before: new Date(Date.parse(receivedAt) + 5 * 86_400_000).toISOString(),
  item: null,
})

const waitingDelivery = (validated: string | null): DeliveryView => ({
  receipts: [
    { step: 'validated', at: validated, id: validated ? 'WII.2026.4420' : null, foreseen: null },
    { step: 'signed', at: at('10:41'), id: null, foreseen: null },
    { step: 'delivered', at: null, id: null, foreseen: null },
    { step: 'on_portal', at: null, id: null, foreseen: null },
    { step: 'in_fse', at: null, id: null, foreseen: dayOf(5) },
  ],
  publish_before: validated ? new Date(Date.parse(validated) + 5 * 86_400_000).toISOString() : null,
  item: null,
})

const item = (
  id: string,
  subject: QueueRowView['item']['subject'],
  state: QueueRowView['item']['state'],
  created: string,
  opens: string | null,
): QueueRowView['item'] => ({
  id,
  subject,
  state,
  created_at: created,
  next_try: state === 'waiting' ? new Date(Date.now() + 40_000).toISOString() : null,
  attempts: state === 'waiting' ? 2 : 0,
  detail: state === 'waiting' ? 'region/unreachable' : null,
  opens,
  upload: subject === 'attachment' ? { sent: 5_242_880, size: 20_971_520, paused: false } : null,
})

const queueRow = (row: QueueRowView): QueueRowView => ({
  ...row,
  delivery: row.delivery ? { ...row.delivery, item: row.item } : null,
})

export const newRows = (scene: string): World['rows'] => ({
  queued: [],
  today:
    scene === 'empty'
      ? []
      : [
          queueRow({
            item: item('q1', 'report', 'confirmed', at('10:28'), 'tv-ventrigliani'),
            patient: PATIENTS.ventrigliani,
            delivery: delivered(at('10:31')),
          }),
          queueRow({
            item: item('q2', 'report', 'confirmed', at('10:01'), 'tv-altobrandi'),
            patient: PATIENTS.altobrandi,
            delivery: delivered(at('10:05')),
          }),
          queueRow({
            item: item('q3', 'teleconsult_answer', 'confirmed', at('09:20'), null),
            patient: PATIENTS.montefuschi,
            delivery: null,
          }),
        ],
})

/** Puts an item in the queue and tells the window of one more. */
export function enqueue(world: World, ...[subject, patient, opens]: Parameters<World['queue']>) {
  const { rows, inside } = world
  rows.queued.push({
    item: item(`w-${rows.queued.length}-${opens}`, subject, 'waiting', now(), opens),
    patient,
    delivery: null,
  })
  inside.link = { ...inside.link, queued: rows.queued.length }
  world.emit('link', inside.link)
}

/** Sends a signed report, or queues it when there is no network. */
export function deliver({ inside, rows }: World, televisit_id: string, report: ReportView): DeliveryView {
  const delivery = inside.link.online ? delivered(now()) : waitingDelivery(null)
  report.stage = inside.link.online ? 'delivered' : 'delivering'
  const row = queueRow({
    item: item(`s-${televisit_id}`, 'report', inside.link.online ? 'confirmed' : 'waiting', now(), televisit_id),
    patient: report.patient,
    delivery,
  })
  report.delivery = row.delivery
  if (inside.link.online) rows.today.unshift(row)
  else rows.queued.push(row)
  return delivery
}

/** Two reports made ready without a network for a remote signature, and one whose time-stamp is awaited. */
export function waitForSignatures({ rows, inside }: World) {
  const unsigned = (id: string, patient: QueueRowView['patient']) =>
    queueRow({
      item: item(`w-${id}`, 'report', 'awaiting_signature', at('10:41'), id),
      patient,
      delivery: awaiting(null),
    })
  rows.queued = [
    unsigned('tv-bellisario', PATIENTS.bellisario),
    unsigned('tv-torrigiani', PATIENTS.torrigiani),
    queueRow({
      item: item('w-stamp', 'report', 'awaiting_time_stamp', at('10:52'), 'tv-palazzese'),
      patient: PATIENTS.palazzese,
      delivery: awaiting(at('10:52')),
    }),
  ]
  inside.link = { ...inside.link, queued: rows.queued.length }
}

const awaiting = (signed: string | null): DeliveryView => ({
  receipts: [
    { step: 'validated', at: signed, id: signed ? 'WII.2026.4420' : null, foreseen: null },
    { step: 'signed', at: signed, id: null, foreseen: null },
    ...(signed ? [{ step: 'time_stamped' as const, at: null, id: null, foreseen: null }] : []),
    { step: 'delivered', at: null, id: null, foreseen: null },
    { step: 'on_portal', at: null, id: null, foreseen: null },
    { step: 'in_fse', at: null, id: null, foreseen: dayOf(5) },
  ],
  publish_before: signed ? new Date(Date.parse(signed) + 5 * 86_400_000).toISOString() : null,
  item: null,
})

/** Keeps a report that was made ready for a remote signature out of reach. */
export function keepForSignature(world: World, televisit_id: string, report: ReportView): DeliveryView {
  const row = queueRow({
    item: item(`w-${televisit_id}`, 'report', 'awaiting_signature', now(), televisit_id),
    patient: report.patient,
    delivery: awaiting(null),
  })
  report.stage = 'delivering'
  report.delivery = row.delivery
  world.rows.queued.push(row)
  return row.delivery as DeliveryView
}

/** Cuts the network at a fixed hour, with a queue that has stood since. */
export function goOffline({ inside, rows }: World) {
  inside.link = {
    online: false,
    data_as_of: at('10:38'),
    offline_since: at('10:38'),
    queued: 4,
    to_correct: 0,
    next_try_s: 40,
  }
  rows.queued = [
    queueRow({
      item: item('w1', 'report', 'waiting', at('18:20', -3), 'tv-bellisario'),
      patient: PATIENTS.bellisario,
      delivery: waitingDelivery(at('18:20', -4)),
    }),
    queueRow({
      item: item('w2', 'report', 'waiting', at('10:41'), 'tv-marottoli'),
      patient: PATIENTS.marottoli,
      delivery: waitingDelivery(at('10:34')),
    }),
    queueRow({
      item: item('w3', 'teleconsult_answer', 'waiting', at('10:52'), null),
      patient: PATIENTS.palazzese,
      delivery: null,
    }),
    queueRow({
      item: item('w4', 'visit_record', 'behind', at('10:53'), null),
      patient: PATIENTS.torrigiani,
      delivery: null,
    }),
  ]
}

export function deliveries({ rows, changed }: World): HandlersOf<'delivery_'> {
  const queue = () => ({
    queued: rows.queued,
    to_correct: [],
    delivered_today: rows.today,
    bytes: rows.queued.length * 525_000,
    last_sent: rows.today.length > 0 ? at('10:31') : null,
  })
  return {
    delivery_queue: queue,
    delivery_retry_now: queue,
    delivery_pause_upload: ({ item_id, paused }) => {
      const row = rows.queued.find(({ item }) => item.id === item_id)
      if (!row?.item.upload) return refuse('not_found', 'queue/upload')
      row.item.upload.paused = paused
      changed('queue')
      return queue()
    },
  }
}
