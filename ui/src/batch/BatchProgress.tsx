import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { useRoute } from '../app/routes'
import { useShortcuts } from '../app/shortcuts'
import { Button, Icon, type IconName, moveBetweenRows } from '../design'
import { personName } from '../i18n/format'
import { errors } from '../i18n/it/errors'
import { call } from '../ipc/call'
import type { BatchDocumentState } from '../ipc/generated/BatchDocumentState'
import type { BatchDocumentView } from '../ipc/generated/BatchDocumentView'
import type { BatchView } from '../ipc/generated/BatchView'
import { BatchQuestion } from './BatchQuestion'

/** Rows drawn at once; the rest is counted and one press away. */
const SHOWN = 100

const LOOK: Record<BatchDocumentState, { icon: IconName; tone: string; order: number }> = {
  failed: { icon: 'error', tone: 'c-danger', order: 0 },
  not_tried: { icon: 'minus-circle', tone: 'c-warn', order: 1 },
  preparing: { icon: 'refresh', tone: 'c-info', order: 2 },
  ready: { icon: 'file', tone: 'c-info', order: 2 },
  waiting: { icon: 'clock', tone: 'mut', order: 2 },
  signed: { icon: 'check-circle', tone: 'c-ok', order: 3 },
  signed_before: { icon: 'check-circle', tone: 'c-ok', order: 3 },
}

/** A batch that goes on, or its results: how far, each report with its own outcome, and the way to stop. */
export function BatchProgress({ batch }: { batch: BatchView }) {
  const { t } = useTranslation('batch')
  const { go } = useRoute()
  const client = useQueryClient()
  const [shown, setShown] = useState(SHOWN)
  const ended = batch.phase === 'ended'
  const total = batch.documents.length
  const of = (...states: BatchDocumentState[]) => batch.documents.filter(({ state }) => states.includes(state)).length
  const signed = of('signed')
  const before = of('signed_before')
  const failed = of('failed')
  const left = of('not_tried')
  const going = of('waiting', 'preparing', 'ready')
  const done = total - going
  // Made ready is half of the way.
  const share = total === 0 ? 1 : (done + of('ready') / 2) / total
  const close = async () => {
    await call('batch_close')
    await Promise.all([
      client.invalidateQueries({ queryKey: ['report', 'batch_list'] }),
      client.invalidateQueries({ queryKey: ['batch'] }),
    ])
  }
  useShortcuts({ Escape: ended ? () => void close() : () => go({ place: 'today' }) })
  const documents = ended
    ? [...batch.documents].sort((a, b) => LOOK[a.state].order - LOOK[b.state].order)
    : batch.documents
  const phase = batch.cancelled && !ended ? 'stopping' : batch.phase

  return (
    <section className="pane batch-going" data-pane="detail" data-testid="batch-going" data-phase={batch.phase}>
      <div className="pane-head">
        <h1 className="grow">{t('title')}</h1>
        {ended ? (
          <>
            <Button testId="batch-queue" onPress={() => go({ place: 'queue' })}>
              {t('going.queue')}
            </Button>
            <Button kind="primary" testId="batch-close" autoFocus onPress={close}>
              {t('going.close')}
            </Button>
          </>
        ) : (
          <Button
            kind="danger-line"
            testId="batch-stop"
            disabled={batch.cancelled}
            onPress={() => call('batch_cancel')}
          >
            {t('going.stop')}
          </Button>
        )}
      </div>
      <div className="batch-summary">
        <div className="line">
          <b className="t-md grow" role="status" data-testid="batch-phase">
            {t(`going.${phase}`)}
          </b>
          <span className="t-md nw" data-testid="batch-count">
            {t('going.progress', { done, total })}
          </span>
        </div>
        <progress
          className="batch-bar"
          max={1}
          value={share}
          aria-label={t('going.progressText', { done, total })}
          data-ended={ended}
        />
        <ul className="batch-counts t-xs">
          {signed > 0 ? <li className="c-ok">{t('going.signed', { count: signed })}</li> : null}
          {before > 0 ? <li className="c-ok">{t('going.before', { count: before })}</li> : null}
          {failed > 0 ? <li className="c-danger">{t('going.failed', { count: failed })}</li> : null}
          {left > 0 ? <li className="c-warn">{t('going.left', { count: left })}</li> : null}
          {going > 0 ? <li className="mut">{t('going.stillGoing', { count: going })}</li> : null}
        </ul>
        {batch.stopped ? <FailureBanner failure={batch.stopped} /> : null}
        <p className="t-xs mut">
          {ended ? t(failed + left > 0 ? 'going.someLeft' : 'going.allSigned') : t('going.leave')}
        </p>
      </div>
      <h2 className="hide-text">{t('going.results')}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <ul className="scroll batch-results" tabIndex={0} onKeyDown={moveBetweenRows} aria-label={t('going.results')}>
        {documents.slice(0, shown).map((document) => (
          <Result key={document.televisit_id} document={document} openable={ended} />
        ))}
        {documents.length > shown ? (
          <li className="pad">
            <Button block onPress={() => setShown(shown + SHOWN)}>
              {t('more', { count: Math.min(SHOWN, documents.length - shown) })}
            </Button>
          </li>
        ) : null}
      </ul>
      {batch.question ? (
        <BatchQuestion key={batch.question.number} question={batch.question} identityId={batch.identity_id} />
      ) : null}
    </section>
  )
}

/** One report, with a sentence of its own. */
function Result({ document, openable }: { document: BatchDocumentView; openable: boolean }) {
  const { t } = useTranslation('batch')
  const { go } = useRoute()
  const { icon, tone } = LOOK[document.state]
  const why = document.failure ? errors[document.failure.code] : null
  return (
    <li className="batch-result" data-testid={`batch-result-${document.televisit_id}`} data-state={document.state}>
      <Icon name={icon} className={tone} />
      <div className="grow">
        <b>{personName(document)}</b>
        <div className={`t-xs ${document.state === 'failed' ? 'c-danger' : 'mut'}`}>
          {document.failure?.code === 'conflict'
            ? t('state.changed')
            : why
              ? `${why.happened} ${why.todo}`
              : t(`state.${document.state}`)}
        </div>
      </div>
      {openable && document.state !== 'not_tried' ? (
        <Button
          small
          kind="quiet"
          label={`${t('openReport')}: ${personName(document)}`}
          onPress={() =>
            go({
              place: 'today',
              id: document.televisit_id,
              view: document.state === 'failed' ? 'report' : undefined,
            })
          }
        >
          {t('openReport')}
        </Button>
      ) : null}
    </li>
  )
}
