import { useTranslation } from 'react-i18next'
import { Choice, Select, TextArea } from '../../design'
import type { Priority } from '../../ipc/generated/Priority'
import type { TeleconsultRange } from '../../ipc/generated/TeleconsultRange'
import type { RequestDraft } from './draft'
import { TemplateFields } from './TemplateFields'

const PRIORITIES: Priority[] = ['U', 'B', 'D', 'P']
const RANGES: TeleconsultRange[] = ['trust', 'region', 'national']

export function QuestionStep({ draft, specialities }: { draft: RequestDraft; specialities: [string, string][] }) {
  const { t } = useTranslation('teleconsult')
  const { form, change, flush } = draft
  const save = () => void flush()
  const synchronous = form.mode !== 'asynchronous'
  return (
    <>
      <h2>{t('form.question')}</h2>
      <div className="request-question">
        <div className="stack">
          <TextArea
            id="field-question"
            label={t('form.questionField')}
            hint={t('form.questionHint')}
            rows={8}
            value={form.question}
            onChange={(question) => change({ question })}
            onBlur={save}
            testId="question"
          />
          <TextArea
            label={t('form.diagnosis')}
            optional={t('form.optional')}
            rows={2}
            value={form.diagnosis}
            onChange={(diagnosis) => change({ diagnosis })}
            onBlur={save}
            testId="diagnosis"
          />
        </div>
        <div className="stack wide">
          <Select
            id="field-speciality"
            label={t('form.speciality')}
            value={form.speciality}
            placeholder={t('form.chooseSpeciality')}
            hint={specialities.length === 0 ? t('form.noSpecialities') : undefined}
            onChange={(speciality) => change({ speciality })}
            onBlur={save}
            options={specialities.map(([value, label]) => ({ value, label }))}
            testId="speciality"
          />
          <div id="field-priority" className="request-choice">
            <Choice<Priority>
              layout="line"
              legend={t('form.priority')}
              value={form.priority}
              onChange={(priority) => change({ priority })}
              options={PRIORITIES.map((value) => ({ value, label: value, testId: `priority-${value}` }))}
            />
            <span className="t-xs mut request-after" role="status">
              {form.priority ? t(`form.priorities.${form.priority}`) : null}
            </span>
          </div>
          <div id="field-mode" className="stack">
            <Choice<'asynchronous' | 'synchronous'>
              layout="line"
              legend={t('form.mode')}
              value={synchronous ? 'synchronous' : 'asynchronous'}
              onChange={(mode) =>
                change({ mode: mode === 'asynchronous' ? 'asynchronous' : 'synchronous_with_patient' })
              }
              options={[
                { value: 'asynchronous', label: t('form.asynchronous'), testId: 'mode-asynchronous' },
                { value: 'synchronous', label: t('form.synchronous'), testId: 'mode-synchronous' },
              ]}
            />
            {synchronous ? (
              <Choice<'synchronous_with_patient' | 'synchronous_without_patient'>
                layout="line"
                legend={t('form.presence')}
                value={
                  form.mode === 'synchronous_without_patient'
                    ? 'synchronous_without_patient'
                    : 'synchronous_with_patient'
                }
                onChange={(mode) => change({ mode })}
                options={[
                  { value: 'synchronous_with_patient', label: t('form.withPatient'), testId: 'mode-with-patient' },
                  {
                    value: 'synchronous_without_patient',
                    label: t('form.withoutPatient'),
                    testId: 'mode-without-patient',
                  },
                ]}
              />
            ) : null}
          </div>
          <Choice<'yes' | 'no'>
            layout="line"
            legend={t('form.when')}
            value={form.scheduled ? 'yes' : 'no'}
            onChange={(scheduled) => change({ scheduled: scheduled === 'yes' })}
            options={[
              { value: 'no', label: t('form.impromptu'), testId: 'impromptu' },
              { value: 'yes', label: t('form.scheduled'), testId: 'scheduled' },
            ]}
          />
          <Choice<TeleconsultRange>
            layout="line"
            legend={t('form.range')}
            value={form.range}
            onChange={(range) => change({ range })}
            options={RANGES.map((value) => ({ value, label: t(`form.ranges.${value}`), testId: `range-${value}` }))}
          />
        </div>
      </div>
      <TemplateFields
        draft={draft}
        speciality={specialities.find(([code]) => code === form.speciality)?.[1] ?? form.speciality}
      />
    </>
  )
}
