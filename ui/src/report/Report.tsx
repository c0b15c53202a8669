import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { useRoute } from '../app/routes'
import { SavedWord } from '../app/SavedWord'
import { useShortcuts } from '../app/shortcuts'
import { Banner, Button, Icon, IdentityBar, SkeletonCards } from '../design'
import type { ReportView } from '../ipc/generated/ReportView'
import type { TelevisitView } from '../ipc/generated/TelevisitView'
import { useView } from '../ipc/query'
import { Badges } from '../televisit/TelevisitDetail'
import { useDraft } from './draft'
import { ReportFields } from './ReportFields'
import { ReportSide } from './ReportSide'
import { SignDialog } from './SignDialog'
import { jumpTo, SECTIONS, type SectionId, stateOf } from './sections'
import './report.css'

export function Report({ televisitId }: { televisitId: string }) {
  const { t } = useTranslation('frame')
  const { go } = useRoute()
  const report = useView('report_open', [{ televisit_id: televisitId }])
  const visit = useView('televisit_open', [{ televisit_id: televisitId }])
  const failure = report.error?.failure ?? visit.error?.failure
  if (failure)
    return (
      <div className="pad stack">
        <FailureBanner failure={failure} onRetry={() => Promise.all([report.refetch(), visit.refetch()])} />
        <div>
          <Button icon="chevron-left" onPress={() => go({ place: 'today', id: televisitId })}>
            {t('back')}
          </Button>
        </div>
      </div>
    )
  if (!report.data || !visit.data) return <SkeletonCards />
  return <Form report={report.data} visit={visit.data} />
}

function Form({ report, visit }: { report: ReportView; visit: TelevisitView }) {
  const { t } = useTranslation(['report', 'frame'])
  const { go } = useRoute()
  const draft = useDraft(report)
  const [signing, setSigning] = useState(false)
  const [section, setSection] = useState<SectionId>('question')
  const waitingForSignature = report.delivery?.item?.state === 'awaiting_signature'
  const frozen = report.stage === 'delivering' || report.stage === 'delivered'
  const blocking = draft.findings.filter(({ severity }) => severity === 'blocking')
  const advice = draft.findings.length - blocking.length
  const leave = () => go({ place: 'today', id: visit.id })
  const openSigning = async () => {
    if (frozen) return
    await draft.flush()
    if (blocking.length === 0) setSigning(true)
    else if (blocking[0]) jumpTo(blocking[0].field)
  }
  useShortcuts({ 'Ctrl+Enter': () => void openSigning(), Escape: leave })

  return (
    <>
      <IdentityBar
        patient={report.patient}
        badges={<Badges visit={visit} />}
        back={
          <span className="narrow-only">
            <Button kind="quiet" small icon="chevron-left" onPress={leave}>
              {t('frame:back')}
            </Button>
          </span>
        }
      />
      <div className="report" data-testid="report" data-stage={report.stage}>
        <nav className="report-sections" aria-label={t('sections')} data-pane="sections">
          <p className="cap report-sections-title">{t('title')}</p>
          <ul>
            {SECTIONS.map(({ id, fields }) => {
              const state = stateOf(fields, draft.findings)
              const finding = draft.findings.find(({ field }) => fields.includes(field))
              return (
                <li key={id}>
                  <button
                    type="button"
                    className={section === id ? 'is-on' : undefined}
                    aria-current={section === id || undefined}
                    data-testid={`section-${id}`}
                    onClick={() => {
                      setSection(id)
                      const to = finding?.field ?? fields[0]
                      if (to) jumpTo(to)
                    }}
                  >
                    <span className="grow">{t(id)}</span>
                    <Icon
                      size="s"
                      name={state === 'ok' ? 'check' : state === 'advice' ? 'warning-circle' : 'error'}
                      className={state === 'ok' ? 'c-ok' : state === 'advice' ? 'c-warn' : 'c-danger'}
                      label={state === 'ok' ? undefined : t(state === 'advice' ? 'advice' : 'blocking', { count: 1 })}
                    />
                  </button>
                </li>
              )
            })}
          </ul>
          <p className="t-xs report-rules">
            {t('checkedNow')}
            <b>{t('checkedNowText')}</b>
          </p>
        </nav>
        <section className="pane report-form" data-pane="form" aria-label={t('title')}>
          <div className="scroll report-scroll">
            <div className="stack">
              {draft.failure ? <FailureBanner failure={draft.failure} onRetry={draft.retry} /> : null}
              {report.stage === 'to_correct' ? (
                <Banner
                  boxed
                  urgent
                  tone="danger"
                  title={t('refusedTitle')}
                  testId="to-correct"
                  action={
                    blocking[0] ? (
                      <Button small testId="go-to-field" onPress={() => blocking[0] && jumpTo(blocking[0].field)}>
                        {t('goFirst')}
                      </Button>
                    ) : undefined
                  }
                >
                  {t('refusedText')}
                </Banner>
              ) : null}
              {waitingForSignature ? (
                <Banner
                  boxed
                  tone="off"
                  title={t('waitingTitle')}
                  testId="waiting-signature"
                  action={
                    <Button small testId="see-queue" onPress={() => go({ place: 'queue', id: visit.id })}>
                      {t('seeQueue')}
                    </Button>
                  }
                >
                  {t('waitingText')}
                </Banner>
              ) : frozen ? (
                <Banner
                  boxed
                  tone="ok"
                  title={t('frozenTitle')}
                  testId="frozen"
                  action={
                    <Button small testId="see-receipts" onPress={() => go({ place: 'queue', id: visit.id })}>
                      {t('seeReceipts')}
                    </Button>
                  }
                >
                  {t('frozenText')}
                </Banner>
              ) : null}
              <ReportFields report={report} visit={visit} draft={draft} frozen={frozen} onSection={setSection} />
            </div>
          </div>
          <div className="foot">
            <SavedWord saving={draft.saving} failed={draft.failure !== null} at={draft.savedAt} />
            <span className="mut t-xs nw wide-only" data-testid="findings-count">
              {draft.findings.length === 0
                ? t('noFindings')
                : [
                    blocking.length > 0 ? t('blocking', { count: blocking.length }) : '',
                    advice > 0 ? t('advice', { count: advice }) : '',
                  ]
                    .filter(Boolean)
                    .join(', ')}
            </span>
            <span className="grow" />
            <Button testId="report-later" onPress={leave}>
              {t('later')}
            </Button>
            {frozen ? null : (
              <Button
                kind="primary"
                icon="pencil"
                disabled={blocking.length > 0}
                testId="sign-and-send"
                onPress={openSigning}
              >
                {t('signAndSend')}
              </Button>
            )}
          </div>
        </section>
        <ReportSide report={report} visit={visit} draft={draft} blocking={blocking.length} />
      </div>
      {signing ? (
        <SignDialog
          report={report}
          draft={draft}
          onClose={() => setSigning(false)}
          onSent={() => go({ place: 'queue', id: visit.id })}
          onRefused={(field) => {
            setSigning(false)
            if (field) setTimeout(() => jumpTo(field))
          }}
        />
      ) : null}
    </>
  )
}
