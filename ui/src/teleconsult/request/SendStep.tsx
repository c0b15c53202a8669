import { useTranslation } from 'react-i18next'
import { Banner, Button, Facts } from '../../design'
import { bytes, personName } from '../../i18n/format'
import type { PatientView } from '../../ipc/generated/PatientView'
import type { RequestDraft } from './draft'
import { type Field, fieldsOf, stepsOf } from './steps'

type Props = {
  draft: RequestDraft
  patient: PatientView
  specialities: [string, string][]
  onJump: (field: Field) => void
}

/** What leaves, in one look; what is missing, each one press away. */
export function SendStep({ draft, patient, specialities, onJump }: Props) {
  const { t } = useTranslation(['teleconsult', 'patient'])
  const { form, attachments } = draft
  const missing = fieldsOf(draft.missing)
  const none = <span className="mut">{t('form.none')}</span>
  const giver = form.representative
  return (
    <>
      <h2>{t('form.send')}</h2>
      {missing.length > 0 ? (
        <Banner boxed tone="warn" title={t('form.missingTitle')} testId="missing">
          <span className="line wrap request-missing">
            {missing.map((field) => (
              <Button key={field} kind="link" testId={`missing-${field}`} onPress={() => onJump(field)}>
                {t(`form.missing.${field}`)}
              </Button>
            ))}
          </span>
        </Banner>
      ) : (
        <Banner boxed tone="ok" title={t('form.ready')} testId="request-ready">
          {t('form.readyText')}
        </Banner>
      )}
      {draft.unsaid.length > 0 ? (
        <Banner
          boxed
          tone="info"
          title={t('form.unsaid', { count: draft.unsaid.length })}
          testId="unsaid-before-sending"
        >
          {draft.template
            .filter(({ id }) => draft.unsaid.includes(id))
            .map(({ ask }) => ask)
            .join(', ')}
        </Banner>
      ) : null}
      <div className="text">
        <Facts
          items={[
            { name: t('form.patient'), value: personName(patient) },
            {
              name: t('form.questionField'),
              value: form.question.trim() ? <span className="request-words">{form.question.trim()}</span> : none,
            },
            ...(form.diagnosis.trim() ? [{ name: t('form.diagnosis'), value: form.diagnosis.trim() }] : []),
            { name: t('form.speciality'), value: specialities.find(([code]) => code === form.speciality)?.[1] ?? none },
            {
              name: t('form.priority'),
              value: form.priority ? `${form.priority}, ${t(`form.priorities.${form.priority}`)}` : none,
            },
            {
              name: t('form.mode'),
              value: `${t(`modes.${form.mode}`)}, ${t(form.scheduled ? 'form.scheduled' : 'form.impromptu').toLocaleLowerCase('it')}`,
            },
            { name: t('form.range'), value: t(`form.ranges.${form.range}`) },
            ...(stepsOf(patient).includes('representation')
              ? [
                  {
                    name: t('form.representation'),
                    value: giver
                      ? t('representedBy', { name: personName(giver), title: t(`patient:${giver.title}`) })
                      : none,
                  },
                ]
              : []),
            {
              name: t('form.attachments'),
              value:
                attachments.length > 0
                  ? `${attachments.map(({ name }) => name).join(', ')} (${bytes(attachments.reduce((sum, { size }) => sum + size, 0))})`
                  : t('form.noFiles'),
            },
            ...draft.template.flatMap(({ id, ask, filled }) => {
              const words = (form.particulars[id] ?? filled ?? '').trim()
              return words ? [{ name: ask, value: <span className="request-words">{words}</span> }] : []
            }),
            ...(form.obscured_to_parent ? [{ name: t('form.obscure'), value: t('obscuredText') }] : []),
            { name: t('form.consent'), value: form.consent ? t('form.consentDone') : none },
          ]}
        />
      </div>
    </>
  )
}
