import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button, Checkbox, Choice, type FieldState, Icon, Select, TextArea, TextField } from '../design'
import { clock } from '../i18n/format'
import { findings as sentences, unknownFinding } from '../i18n/it/findings'
import type { FindingView } from '../ipc/generated/FindingView'
import type { Priority } from '../ipc/generated/Priority'
import type { ReportField } from '../ipc/generated/ReportField'
import type { ReportOutcome } from '../ipc/generated/ReportOutcome'
import type { ReportView } from '../ipc/generated/ReportView'
import type { TelevisitView } from '../ipc/generated/TelevisitView'
import type { Draft } from './draft'
import { ImageDialog } from './ImageDialog'
import { anchorOf, type SectionId } from './sections'

const OUTCOMES: ReportOutcome[] = ['stable', 'plan_renewed', 'further_tests', 'rescheduled_in_person', 'urgent_access']
const PRIORITIES: Priority[] = ['U', 'B', 'D', 'P']

type Props = {
  report: ReportView
  visit: TelevisitView
  draft: Draft
  frozen: boolean
  onSection: (id: SectionId) => void
}

export function ReportFields({ report, visit, draft, frozen, onSection }: Props) {
  const { t } = useTranslation('report')
  const { form, change, flush } = draft
  const [image, setImage] = useState(false)
  const on = (field: ReportField) => draft.findings.filter((finding) => finding.field === field)
  const common = (field: ReportField) => ({
    disabled: frozen,
    state: stateOf(on(field)),
    onBlur: () => void flush(),
    testId: `report-${field}`,
    describedBy: on(field).length > 0 ? `${anchorOf(field)}-finding` : undefined,
  })
  const line = (field: ReportField, section: SectionId, control: ReactNode, fix?: ReactNode) => (
    <FieldLine field={field} findings={on(field)} fix={fix} onFocus={() => onSection(section)}>
      {control}
    </FieldLine>
  )
  const area = (
    field: ReportField,
    key: 'question' | 'history' | 'examination' | 'conclusions' | 'diagnosis' | 'therapy' | 'suggestions',
    section: SectionId,
  ) =>
    line(
      field,
      section,
      <TextArea label={t(key)} value={form[key]} onChange={(value) => change({ [key]: value })} {...common(field)} />,
    )

  return (
    <>
      {area('question', 'question', 'question')}
      {area('history', 'history', 'history')}
      {line(
        'allergies',
        'history',
        <TextField
          label={t('allergies')}
          value={form.allergies}
          onChange={(allergies) => change({ allergies })}
          {...common('allergies')}
        />,
      )}
      {line(
        'current_therapy',
        'history',
        <TextArea
          label={t('currentTherapy')}
          value={form.current_therapy}
          onChange={(current_therapy) => change({ current_therapy })}
          {...common('current_therapy')}
        />,
      )}
      {area('examination', 'examination', 'examination')}
      {line(
        'measurement_source',
        'examination',
        <TextField
          label={t('measurementSource')}
          value={form.measurement_source}
          onChange={(measurement_source) => change({ measurement_source })}
          {...common('measurement_source')}
        />,
      )}
      {line(
        'image_caption',
        'images',
        report.visit.image_at ? (
          <div className="stack report-tight">
            <div className="ps-field">
              <span className="cap">{t('images')}</span>
              <div className="report-box">
                <Icon name="file-image" />
                <span className="grow">{t('imageOf', { at: clock(report.visit.image_at) })}</span>
                <Button kind="link" onPress={() => setImage(true)} testId="see-image">
                  {t('seeImage')}
                </Button>
              </div>
            </div>
            <TextField
              label={t('imageCaption')}
              value={form.image_caption}
              onChange={(image_caption) => change({ image_caption })}
              {...common('image_caption')}
            />
          </div>
        ) : (
          <div className="ps-field">
            <span className="cap">{t('images')}</span>
            <div className="report-box is-fixed">{t('noImage')}</div>
          </div>
        ),
      )}
      {area('diagnosis', 'diagnosis', 'diagnosis')}
      {area('conclusions', 'conclusions', 'conclusions')}
      <h2 className="report-h">{t('outcomeAndPlan')}</h2>
      {line(
        'outcome',
        'outcomeAndPlan',
        <Select
          label={t('outcome')}
          value={form.outcome ?? ''}
          placeholder={t('chooseOutcome')}
          onChange={(value) => change({ outcome: value === '' ? null : (value as ReportOutcome) })}
          options={OUTCOMES.map((value) => ({ value, label: t(`outcomes.${value}`) }))}
          {...common('outcome')}
        />,
      )}
      {form.outcome === 'further_tests' || form.further_tests !== '' || on('further_tests').length > 0
        ? line(
            'further_tests',
            'outcomeAndPlan',
            <TextArea
              label={t('furtherTests')}
              rows={1}
              value={form.further_tests}
              onChange={(further_tests) => change({ further_tests })}
              {...common('further_tests')}
            />,
          )
        : null}
      {line(
        'next_control',
        'outcomeAndPlan',
        <TextField
          label={t('nextControl')}
          placeholder={t('nextControlPlaceholder')}
          value={form.next_control}
          onChange={(next_control) => change({ next_control })}
          {...common('next_control')}
        />,
      )}
      {line(
        'priority',
        'outcomeAndPlan',
        <Select
          label={t('priority')}
          value={form.priority ?? ''}
          placeholder={t('choosePriority')}
          onChange={(value) => change({ priority: value === '' ? null : (value as Priority) })}
          options={PRIORITIES.map((value) => ({ value, label: t(`priorities.${value}`) }))}
          {...common('priority')}
        />,
        frozen || form.priority !== null ? null : (
          <Button kind="link" testId="set-priority" onPress={() => change({ priority: 'P' })}>
            {t('setPriority')}
          </Button>
        ),
      )}
      {area('therapy', 'therapy', 'outcomeAndPlan')}
      {form.therapy === '' && form.current_therapy !== '' && !frozen ? (
        <div>
          <Button kind="quiet" small onPress={() => change({ therapy: form.current_therapy })}>
            {t('therapyUnchanged')}
          </Button>
        </div>
      ) : null}
      {area('suggestions', 'suggestions', 'outcomeAndPlan')}
      <h2 className="report-h">{t('modality')}</h2>
      {line(
        'visit',
        'modality',
        <div className="ps-field">
          <span className="cap">{t('fromCall')}</span>
          <div className="report-box is-fixed" data-testid="visit-facts">
            {factsOf(report, t)}
          </div>
        </div>,
      )}
      {line(
        'link_suitability',
        'modality',
        <div className="stack report-tight">
          <Choice
            layout="line"
            legend={t('linkSuitable')}
            value={form.link_suitable === null ? null : form.link_suitable ? 'yes' : 'no'}
            disabled={frozen}
            onChange={(value) => {
              change({ link_suitable: value === 'yes' })
            }}
            options={[
              { value: 'yes', label: t('yes'), testId: 'link-suitable-yes' },
              { value: 'no', label: t('no'), testId: 'link-suitable-no' },
            ]}
          />
          {form.link_suitable === false ? (
            <TextField
              label={t('linkNote')}
              value={form.link_note}
              onChange={(link_note) => change({ link_note })}
              disabled={frozen}
              onBlur={() => void flush()}
              testId="report-link_note"
            />
          ) : null}
        </div>,
      )}
      {line(
        'darkening',
        'darkening',
        <fieldset>
          <legend className="report-h">{t('darkening')}</legend>
          <div className="stack report-tight">
            <Checkbox
              checked={form.darkening_asked}
              disabled={frozen}
              onChange={(darkening_asked) => change({ darkening_asked })}
              testId="report-darkening-asked"
            >
              {t('darkeningAsked')}
            </Checkbox>
            <Checkbox
              checked={form.darkened}
              disabled={frozen}
              onChange={(darkened) => change({ darkened, darkening_asked: darkened || form.darkening_asked })}
              hint={t('darkenedHint')}
              testId="report-darkening"
            >
              {t('darkenedText')}
            </Checkbox>
            <Checkbox
              checked={form.darkened_from_patient}
              disabled={frozen}
              onChange={(darkened_from_patient) => change({ darkened_from_patient })}
              hint={t('darkenedPatientHint')}
              testId="report-darkening-patient"
            >
              {t('darkenedPatient')}
            </Checkbox>
            {report.patient.minor ? (
              <Checkbox
                checked={form.darkened_from_parent}
                disabled={frozen}
                onChange={(darkened_from_parent) => change({ darkened_from_parent })}
                hint={t('darkenedParentHint')}
                testId="report-darkening-parent"
              >
                {t('darkenedParent')}
              </Checkbox>
            ) : null}
          </div>
        </fieldset>,
      )}
      {image ? <ImageDialog televisitId={visit.id} onClose={() => setImage(false)} /> : null}
    </>
  )
}

const stateOf = (findings: FindingView[]): FieldState =>
  findings.some(({ severity }) => severity === 'blocking') ? 'bad' : findings.length > 0 ? 'ask' : 'plain'

type LineProps = {
  field: ReportField
  findings: FindingView[]
  fix?: ReactNode
  children: ReactNode
  onFocus: () => void
}

/** A field with what was found about it at its side. */
function FieldLine({ field, findings, fix, children, onFocus }: LineProps) {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only follows where the cursor is
    <div className="report-line" id={anchorOf(field)} onFocus={onFocus}>
      {children}
      <div className="report-findings" id={`${anchorOf(field)}-finding`}>
        {findings.map((finding) => (
          <Finding
            key={finding.code}
            finding={finding}
            fix={finding.code.includes('priority') || field === 'priority' ? fix : null}
          />
        ))}
      </div>
    </div>
  )
}

export function Finding({ finding, fix }: { finding: FindingView; fix?: ReactNode }) {
  const bad = finding.severity === 'blocking'
  const sentence = sentences[finding.code] ?? unknownFinding
  return (
    <div className={`report-finding ps-tint-${bad ? 'danger' : 'warn'}`} data-testid={`finding-${finding.code}`}>
      <Icon name={bad ? 'error' : 'warning-circle'} size="s" />
      <div>
        <b>{sentence.strong}</b> {sentence.rest} {finding.region_text} {fix}
      </div>
    </div>
  )
}

function factsOf(report: ReportView, t: ReturnType<typeof useTranslation<'report'>>['t']) {
  const { started_at, ended_at, participants, link_quality } = report.visit
  const quality = link_quality === 'good' || link_quality === 'fair' || link_quality === 'poor' ? link_quality : 'good'
  return t('fromCallText', {
    from: started_at ? clock(started_at) : '',
    to: ended_at ? t('until', { at: clock(ended_at) }) : t('ongoing'),
    people: participants.join(', '),
    quality: t(`quality.${quality}`),
  })
}
