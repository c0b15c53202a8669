import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { useRoute } from '../app/routes'
import { Badge, Banner, Button, IdentityBar } from '../design'
import { PdfView } from '../document/PdfView'
import { shortWhen } from '../i18n/format'
import { call } from '../ipc/call'
import { ErrorWithFailure } from '../ipc/failure'
import type { BatchRowView } from '../ipc/generated/BatchRowView'
import type { Failure } from '../ipc/generated/Failure'

type Props = {
  row: BatchRowView
  read: boolean
  /** The page was drawn. */
  onRead: () => void
  /** The text is no longer the one of the list. */
  onChanged: () => unknown
  onBack: () => void
  acts: ReactNode
}

/** The page of one report, as it will be signed. Its bytes are kept as long as it is on screen, and nowhere else. */
export function BatchPage({ row, read, onRead, onChanged, onBack, acts }: Props) {
  const { t } = useTranslation('batch')
  const { go } = useRoute()
  const { bytes, failure, again } = usePage(row, onChanged)
  const tellRead = useRef(onRead)
  tellRead.current = onRead
  return (
    <>
      <IdentityBar
        patient={row.patient}
        badges={
          row.obstacle === null && read ? (
            <Badge tone="ok" icon="check">
              {t('read')}
            </Badge>
          ) : null
        }
        back={
          <span className="narrow-only">
            <Button kind="quiet" small icon="chevron-left" testId="batch-to-list" onPress={onBack}>
              {t('title')}
            </Button>
          </span>
        }
      />
      <div className="batch-head">
        <div className="grow">
          <h2 className="t-md">{t('document')}</h2>
          {row.saved_at ? <p className="t-xs mut">{t('savedAt', { at: shortWhen(row.saved_at) })}</p> : null}
        </div>
        <Button
          small
          testId="batch-open-report"
          onPress={() => go({ place: 'today', id: row.televisit_id, view: 'report' })}
        >
          {t('openReport')}
        </Button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="scroll pad" tabIndex={0} aria-label={t('page')} data-testid="batch-page">
        {row.obstacle !== null ? (
          <Banner boxed tone="warn" title={t('groupBlocked')} testId="batch-obstacle">
            {t(`obstacleText.${row.obstacle}`)}
          </Banner>
        ) : failure ? (
          <FailureBanner failure={failure} onRetry={again} />
        ) : bytes ? (
          <PdfView bytes={bytes} onPages={() => tellRead.current()} />
        ) : (
          <p role="status">{t('opening')}</p>
        )}
      </section>
      {row.obstacle === null ? <div className="foot narrow-only batch-page-foot">{acts}</div> : null}
    </>
  )
}

/** Not a cached query: a day of reports would stay in memory. */
function usePage({ televisit_id, revision, obstacle }: BatchRowView, onChanged: () => unknown) {
  const [bytes, setBytes] = useState<ArrayBuffer | null>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  const [round, setRound] = useState(0)
  const tellChanged = useRef(onChanged)
  tellChanged.current = onChanged
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks again
  useEffect(() => {
    if (obstacle !== null) return
    let gone = false
    setFailure(null)
    call('batch_preview', { televisit_id, revision }).then(
      (page) => {
        if (!gone) setBytes(page)
      },
      (refusal: unknown) => {
        if (gone || !(refusal instanceof ErrorWithFailure)) return
        setFailure(refusal.failure)
        if (refusal.failure.code === 'conflict') void tellChanged.current()
      },
    )
    return () => {
      gone = true
      setBytes(null)
    }
  }, [televisit_id, revision, obstacle, round])
  return { bytes, failure, again: () => setRound(round + 1) }
}
