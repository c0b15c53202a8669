import { useTranslation } from 'react-i18next'
import { Banner, Button, Checkbox } from '../../design'
import { personName } from '../../i18n/format'
import type { PatientView } from '../../ipc/generated/PatientView'
import type { RequestDraft } from './draft'
import { type Field, missingIn } from './steps'

export function ConsentStep({
  draft,
  patient,
  onJump,
}: {
  draft: RequestDraft
  patient: PatientView
  onJump: (field: Field) => void
}) {
  const { t } = useTranslation(['teleconsult', 'patient'])
  const giver = draft.form.representative
  const waits = missingIn(draft.missing, 'representation').length > 0
  return (
    <>
      <h2>{t('form.consentTitle')}</h2>
      {waits ? (
        <Banner
          boxed
          tone="warn"
          title={t('form.consentFirst')}
          testId="representative-first"
          action={
            <Button small onPress={() => onJump('representative')} testId="go-representative">
              {t('form.go')}
            </Button>
          }
        />
      ) : null}
      <div id="field-consent" className="text">
        <Checkbox
          checked={draft.form.consent}
          disabled={waits}
          onChange={(consent) => draft.change({ consent })}
          hint={t('form.consentHint')}
          testId="consent"
        >
          <b>
            {giver
              ? t('form.consentGiver', { name: personName(giver), title: t(`patient:${giver.title}`) })
              : t('form.consentSelf')}
          </b>
        </Checkbox>
      </div>
      {waits ? null : (
        <p className="t-xs mut">
          {personName(patient)}, <span className="mono">{patient.fiscal_code}</span>
        </p>
      )}
    </>
  )
}
