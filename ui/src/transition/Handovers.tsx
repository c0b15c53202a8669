import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { useRoute } from '../app/routes'
import { Badge, Button, Empty, SkeletonRows } from '../design'
import { age, personName, shortWhen } from '../i18n/format'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { HandoverListView } from '../ipc/generated/HandoverListView'
import type { HandoverSheetView } from '../ipc/generated/HandoverSheetView'
import type { HandoverView } from '../ipc/generated/HandoverView'
import { keyOf, useView } from '../ipc/query'
import { HandoverSheet } from './HandoverSheet'
import './transition.css'

/** *Consegne*: what is offered to me, and what I offered. */
export function Handovers() {
  const { t } = useTranslation('transition')
  const list = useView('handover_list', [])
  const all = list.data?.handovers ?? []
  const [sheet, setSheet] = useState<HandoverSheetView | null>(null)
  const printing = useAction()
  const printed = useCallback(() => setSheet(null), [])
  return (
    <div className="pane">
      <div className="pane-head">
        <h1 className="grow">{t('handovers.title')}</h1>
        <Button
          icon="print"
          busy={printing.busy}
          testId="handovers-print"
          onPress={() => printing.run(() => call('handover_sheet'), setSheet)}
        >
          {t('handovers.print')}
        </Button>
      </div>
      <div className="scroll handovers" data-testid="handovers">
        {printing.failure ? <FailureBanner failure={printing.failure} /> : null}
        {list.error ? <FailureBanner failure={list.error.failure} onRetry={() => list.refetch()} /> : null}
        {list.isPending ? <SkeletonRows /> : null}
        {list.data && all.length === 0 ? (
          <Empty icon="handover" title={t('handovers.emptyTitle')} testId="handovers-empty">
            {t('handovers.emptyText')}
          </Empty>
        ) : null}
        <Group title={t('handovers.incoming')} rows={all.filter(({ incoming }) => incoming)} />
        <Group title={t('handovers.accepted')} rows={all.filter(({ accepted_at }) => accepted_at !== null)} />
        <Group
          title={t('handovers.outgoing')}
          rows={all.filter(({ incoming, accepted_at }) => !incoming && accepted_at === null)}
        />
      </div>
      {sheet ? <HandoverSheet sheet={sheet} onDone={printed} /> : null}
    </div>
  )
}

function Group({ title, rows }: { title: string; rows: HandoverView[] }) {
  if (rows.length === 0) return null
  return (
    <section aria-label={title} className="stack">
      <h2>
        {title} <span className="board-side-n mut">{rows.length}</span>
      </h2>
      <ul className="stack">
        {rows.map((row) => (
          <Line key={row.id} row={row} />
        ))}
      </ul>
    </section>
  )
}

function Line({ row }: { row: HandoverView }) {
  const { t } = useTranslation('transition')
  const { go } = useRoute()
  const client = useQueryClient()
  const { run, failure, busy } = useAction()
  const { card } = row
  const show = (view: HandoverListView) => {
    client.setQueryData(keyOf('handover_list'), view)
    void client.invalidateQueries({ queryKey: ['transition'] })
  }
  const waits = row.queue !== null && row.queue !== 'confirmed'
  return (
    <li className="ps-card handover" data-testid={`handover-${row.id}`}>
      <div className="handover-text">
        <p>
          <b className="t-md">{personName(card.patient)}</b> <span className="mut">{age(card.patient)}</span>{' '}
          <span className="mono">{card.patient.fiscal_code}</span>
        </p>
        <p className="t-xs mut">
          {t(`columns.${card.state}`)}: {t(`short.${card.origin}`)}, {t(`toward.${card.destination}`)}
        </p>
        <p>{row.note || <span className="mut">{t('handovers.noNote')}</span>}</p>
        <p className="t-xs mut">
          {row.accepted_at
            ? t('handovers.acceptedAt', { name: row.to, at: shortWhen(row.accepted_at) })
            : t(row.incoming ? 'handovers.from' : 'handovers.to', {
                name: row.incoming ? row.from : row.to,
                at: shortWhen(row.at),
              })}
        </p>
      </div>
      <div className="line wrap handover-actions">
        {waits ? (
          <Badge tone="off" icon="queue">
            {t('handovers.queue')}
          </Badge>
        ) : row.incoming || row.accepted_at ? null : (
          <Badge tone="plain" icon="due">
            {t('handovers.waiting')}
          </Badge>
        )}
        <Button kind="quiet" testId={`handover-open-${row.id}`} onPress={() => go({ place: 'cases', id: card.id })}>
          {t('handovers.openCase')}
        </Button>
        {row.accepted_at ? (
          <Button
            kind="primary"
            busy={busy}
            testId={`handover-note-${row.id}`}
            onPress={() => run(() => call('handover_acknowledge', { handover_id: row.id }), show)}
          >
            {t('handovers.note')}
          </Button>
        ) : null}
        {row.incoming ? (
          <>
            <Button
              busy={busy}
              title={t('handovers.refuseHint')}
              testId={`handover-refuse-${row.id}`}
              onPress={() => run(() => call('handover_refuse', { handover_id: row.id }), show)}
            >
              {t('handovers.refuse')}
            </Button>
            <Button
              kind="primary"
              busy={busy}
              testId={`handover-accept-${row.id}`}
              onPress={() => run(() => call('handover_accept', { handover_id: row.id }), show)}
            >
              {t('handovers.accept')}
            </Button>
          </>
        ) : null}
      </div>
      {row.accepted_at ? <p className="t-xs mut handover-hint">{t('handovers.noteHint')}</p> : null}
      {row.incoming ? <p className="t-xs mut handover-hint">{t('handovers.refuseHint')}</p> : null}
      {failure ? (
        <div className="handover-hint">
          <FailureBanner failure={failure} />
        </div>
      ) : null}
    </li>
  )
}
