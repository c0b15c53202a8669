import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { CompactCall } from '../call/CompactCall'
import { useCallState } from '../call/state'
import { ClockCard } from '../delivery/ClockCard'
import { Button, Card, Dialog, Facts, FiveDayClock } from '../design'
import { DocumentsCard } from '../document/DocumentsCard'
import { PdfView } from '../document/PdfView'
import { clock, day, isoDay, shiftDay } from '../i18n/format'
import { call } from '../ipc/call'
import type { ErrorWithFailure } from '../ipc/failure'
import type { ReportView } from '../ipc/generated/ReportView'
import type { TelevisitView } from '../ipc/generated/TelevisitView'
import type { Draft } from './draft'

type Props = { report: ReportView; visit: TelevisitView; draft: Draft; blocking: number }

/** Beside the form: the call or what it was, the clock, the document as it will be. */
export function ReportSide({ report, visit, draft, blocking }: Props) {
  const { t } = useTranslation('report')
  const { view, live } = useCallState()
  const inCall = live && view?.televisit_id === visit.id
  const fse = day(shiftDay(isoDay(), 5))
  return (
    <aside className="report-side" data-pane="side">
      {inCall ? <CompactCall layout="card" /> : <VisitCard report={report} />}
      {live && !inCall ? <CompactCall layout="card" /> : null}
      {report.delivery ? (
        <ClockCard delivery={report.delivery} title={t('clock')} />
      ) : (
        <Card title={t('clock')} end={t('clockNotYet')}>
          <div className="ps-card-body">
            <FiveDayClock gone={null} label={t('notStarted')} />
            <p className="t-xs mut report-clock-text">
              {blocking > 0 ? t('clockTextFindings', { count: blocking, on: fse }) : t('clockText', { on: fse })}
            </p>
          </div>
        </Card>
      )}
      <Preview report={report} revision={draft.revision} />
      <DocumentsCard patientId={report.patient.id} documents={visit.documents} />
    </aside>
  )
}

function VisitCard({ report }: { report: ReportView }) {
  const { t } = useTranslation('report')
  const { started_at, ended_at, participants, link_quality } = report.visit
  if (!started_at) return null
  const quality = link_quality === 'good' || link_quality === 'fair' || link_quality === 'poor' ? link_quality : 'good'
  const minutes = ended_at ? Math.max(1, Math.round((Date.parse(ended_at) - Date.parse(started_at)) / 60_000)) : 0
  return (
    <Card title={t('visitDone')} end={ended_at ? clock(ended_at) : undefined} testId="visit-done">
      <div className="ps-card-body">
        <Facts
          items={[
            ...(ended_at
              ? [
                  {
                    name: t('duration'),
                    value: t('minutes', { count: minutes, from: clock(started_at), to: clock(ended_at) }),
                  },
                ]
              : []),
            { name: t('present'), value: participants.join(', ') },
            { name: t('linkFact'), value: t(`qualityAlone.${quality}`) },
          ]}
        />
      </div>
    </Card>
  )
}

/** The PDF of what is saved: drawn again after each save, never of what is still being typed. */
function Preview({ report, revision }: { report: ReportView; revision: number }) {
  const { t } = useTranslation(['report', 'document', 'frame'])
  const [open, setOpen] = useState(false)
  const [pages, setPages] = useState(0)
  const preview = useQuery<ArrayBuffer, ErrorWithFailure>({
    queryKey: ['report', 'report_preview', { televisit_id: report.televisit_id }, revision],
    queryFn: () => call('report_preview', { televisit_id: report.televisit_id }),
    placeholderData: (before) => before,
    gcTime: 10_000,
  })
  return (
    <div className="report-preview" data-testid="preview">
      <div className="line">
        <h2 className="report-preview-title grow">{t('preview')}</h2>
        {pages > 0 ? <span className="t-xs mut">{t('document:pages', { count: pages })}</span> : null}
        <Button kind="quiet" small disabled={!preview.data} testId="open-preview" onPress={() => setOpen(true)}>
          {t('openPreview')}
        </Button>
      </div>
      {preview.error ? <FailureBanner failure={preview.error.failure} onRetry={() => preview.refetch()} /> : null}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <div className="report-paper" role="region" aria-label={t('preview')} tabIndex={0}>
        {preview.data ? <PdfView bytes={preview.data} onPages={setPages} /> : null}
      </div>
      {open && preview.data ? (
        <Dialog
          title={t('preview')}
          size="l"
          onClose={() => setOpen(false)}
          testId="preview-dialog"
          footer={
            <>
              <span className="t-xs mut grow">{t('previewLate')}</span>
              <Button kind="primary" onPress={() => setOpen(false)} autoFocus>
                {t('frame:close')}
              </Button>
            </>
          }
        >
          <PdfView bytes={preview.data} />
        </Dialog>
      ) : null}
    </div>
  )
}
