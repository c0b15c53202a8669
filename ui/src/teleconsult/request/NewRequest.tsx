import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../../app/FailureBanner'
import { useRoute } from '../../app/routes'
import { SavedWord } from '../../app/SavedWord'
import { useShortcuts } from '../../app/shortcuts'
import { Badge, Button, Icon, IdentityBar, SkeletonCards } from '../../design'
import { bytes } from '../../i18n/format'
import type { TeleconsultDraftView } from '../../ipc/generated/TeleconsultDraftView'
import { useView } from '../../ipc/query'
import { useShowCase } from '../update'
import { AttachmentsStep } from './AttachmentsStep'
import { ConsentStep } from './ConsentStep'
import { DraftVersions } from './DraftVersions'
import { type RequestDraft, useRequestDraft } from './draft'
import { PatientStep } from './PatientStep'
import { QuestionStep } from './QuestionStep'
import { RepresentationStep } from './RepresentationStep'
import { RequestSide } from './RequestSide'
import { SendStep } from './SendStep'
import { type Field, fieldsOf, focusField, missingIn, type StepId, stepOf, stepsOf } from './steps'
import './request.css'

/** A request in the making for one patient: one step at a time, always saved, left and taken up again. */
export function NewRequest({ patientId }: { patientId: string }) {
  const { t } = useTranslation('frame')
  const { go } = useRoute()
  const draft = useView('teleconsult_draft_open', [{ patient_id: patientId }])
  if (draft.error)
    return (
      <div className="pad stack">
        <FailureBanner failure={draft.error.failure} onRetry={() => draft.refetch()} />
        <div>
          <Button icon="chevron-left" onPress={() => go({ place: 'teleconsults' })}>
            {t('back')}
          </Button>
        </div>
      </div>
    )
  if (!draft.data) return <SkeletonCards />
  return <Form key={draft.data.id} opened={draft.data} />
}

function Form({ opened }: { opened: TeleconsultDraftView }) {
  const { t } = useTranslation('teleconsult')
  const { go } = useRoute()
  const show = useShowCase()
  const draft = useRequestDraft(opened)
  const { patient } = opened
  const steps = stepsOf(patient)
  const [step, setStep] = useState<StepId>(opened.saved_at && opened.form.question ? firstMissing(opened) : 'question')
  const here = steps.indexOf(step)
  const before = steps[here - 1]
  const after = steps[here + 1]

  const goTo = (next: StepId, field?: Field) => {
    setStep(next)
    void draft.flush()
    if (field) focusField(field)
    else document.getElementById('request-step')?.focus()
  }
  const jump = (field: Field) => goTo(stepOf(field), field)
  const say = (item: string) => {
    goTo('question')
    setTimeout(() => document.getElementById(`template-${item}`)?.focus())
  }
  const leave = async () => {
    await draft.flush()
    go({ place: 'teleconsults' })
  }
  const send = async () => {
    await draft.flush()
    const view = await draft.send()
    if (!view) return
    show(view)
    go({ place: 'teleconsults', id: view.row.id })
  }
  const complete = fieldsOf(draft.missing).length === 0
  useShortcuts({
    'Ctrl+Enter': () => {
      if (after) goTo(after)
      else if (complete) void send()
    },
    Escape: () => void leave(),
  })

  return (
    <>
      <IdentityBar
        patient={patient}
        badges={
          patient.minor || patient.represented ? (
            <Badge tone="info" icon="user">
              <PatientWord minor={patient.minor} />
            </Badge>
          ) : null
        }
      />
      <div className="request" data-testid="new-request" data-step={step}>
        <nav className="request-steps" aria-label={t('form.steps')} data-pane="steps">
          <p className="cap request-steps-title">{t('form.steps')}</p>
          <ol>
            {steps.map((id, index) => (
              <StepLine
                key={id}
                id={id}
                number={index + 1}
                current={id === step}
                draft={draft}
                onOpen={() => goTo(id)}
              />
            ))}
          </ol>
        </nav>
        <section className="request-form" data-pane="form" aria-label={t(`form.${step}`)}>
          <div className="scroll request-scroll" id="request-step" tabIndex={-1}>
            <div className="stack wide">
              {draft.failure && !(draft.failure.code === 'conflict' && draft.otherVersion) ? (
                <FailureBanner failure={draft.failure} onRetry={draft.flush} />
              ) : null}
              <DraftVersions draft={draft} specialities={opened.specialities} />
              {step === 'patient' ? <PatientStep patient={patient} /> : null}
              {step === 'question' ? <QuestionStep draft={draft} specialities={opened.specialities} /> : null}
              {step === 'representation' ? <RepresentationStep draft={draft} patient={patient} /> : null}
              {step === 'attachments' ? <AttachmentsStep draft={draft} /> : null}
              {step === 'consent' ? <ConsentStep draft={draft} patient={patient} onJump={jump} /> : null}
              {step === 'send' ? (
                <SendStep draft={draft} patient={patient} specialities={opened.specialities} onJump={jump} />
              ) : null}
            </div>
          </div>
          <div className="foot">
            <SavedWord saving={draft.saving} failed={draft.failure !== null} at={draft.savedAt} />
            <span className="mut t-xs nw wide-only">{draft.savedAt ? t('form.onThisPc') : null}</span>
            <span className="grow" />
            <Button kind="quiet" testId="request-later" onPress={leave}>
              {t('form.later')}
            </Button>
            {before ? (
              <Button testId="request-back" onPress={() => goTo(before)}>
                {t('form.back')}
              </Button>
            ) : null}
            {after ? (
              <Button kind="primary" testId="request-next" onPress={() => goTo(after)}>
                {t('form.next')}
              </Button>
            ) : (
              <Button kind="primary" testId="request-send" disabled={!complete} onPress={send}>
                {t('form.submit')}
              </Button>
            )}
          </div>
        </section>
        <RequestSide draft={draft} patient={patient} onJump={jump} onSay={say} />
      </div>
    </>
  )
}

const firstMissing = (opened: TeleconsultDraftView): StepId => {
  const field = fieldsOf(opened.missing)[0]
  return field ? stepOf(field) : 'send'
}

function PatientWord({ minor }: { minor: boolean }) {
  const { t } = useTranslation('patient')
  return t(minor ? 'minor' : 'represented')
}

type LineProps = { id: StepId; number: number; current: boolean; draft: RequestDraft; onOpen: () => void }

function StepLine({ id, number, current, draft, onOpen }: LineProps) {
  const { t } = useTranslation(['teleconsult', 'patient'])
  const missing = id === 'send' ? fieldsOf(draft.missing) : missingIn(draft.missing, id)
  const done = id === 'send' ? false : missing.length === 0
  const giver = draft.form.representative
  const fact = () => {
    switch (id) {
      case 'patient':
        return t('form.patientDone')
      case 'question':
        return missing.length > 0 ? t('form.questionMissing', { count: missing.length }) : t('form.questionDone')
      case 'representation':
        if (missing.length > 0) return t('form.representationMissing')
        return giver
          ? t('form.representationDone', { title: t(`patient:titles.${giver.title}`) })
          : t('form.representationSelf')
      case 'attachments':
        return draft.attachments.length > 0
          ? t('form.attachmentsDone', {
              count: draft.attachments.length,
              size: bytes(draft.attachments.reduce((sum, { size }) => sum + size, 0)),
            })
          : t('form.attachmentsNone')
      case 'consent':
        return t(draft.form.consent && missing.length === 0 ? 'form.consentDone' : 'form.consentMissing')
      case 'send':
        return missing.length > 0 ? t('form.sendMissing', { count: missing.length }) : t('form.sendReady')
    }
  }
  return (
    <li>
      <button
        type="button"
        className={current ? 'is-on' : undefined}
        aria-current={current ? 'step' : undefined}
        data-testid={`step-${id}`}
        data-done={done}
        onClick={onOpen}
      >
        {done ? (
          <Icon name="check-circle" className="c-ok" />
        ) : current && missing.length > 0 && id !== 'send' ? (
          <Icon name="warning-circle" className="c-warn" />
        ) : (
          <span className="request-n" aria-hidden="true">
            {number}
          </span>
        )}
        <span className="grow">
          <b>{t(`form.${id}`)}</b>
          <span className="t-xs mut request-fact">{fact()}</span>
        </span>
      </button>
    </li>
  )
}
