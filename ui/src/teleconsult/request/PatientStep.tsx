import { useTranslation } from 'react-i18next'
import { useRoute } from '../../app/routes'
import { Button, describePatient, Facts } from '../../design'
import { personName } from '../../i18n/format'
import type { PatientView } from '../../ipc/generated/PatientView'

export function PatientStep({ patient }: { patient: PatientView }) {
  const { t } = useTranslation(['teleconsult', 'patient'])
  const { t: tp } = useTranslation('patient')
  const { go } = useRoute()
  return (
    <>
      <h2>{t('form.patient')}</h2>
      <p className="text mut">{t('form.patientText')}</p>
      <Facts
        items={[
          { name: tp('name'), value: personName(patient) },
          { name: tp('identity'), value: describePatient(patient, tp) },
          { name: tp('fiscalCode'), value: <span className="mono">{patient.fiscal_code}</span> },
          { name: tp('phone'), value: patient.phone ?? tp('noPhone') },
        ]}
      />
      <div>
        <Button icon="search" testId="other-patient" onPress={() => go({ place: 'patients' })}>
          {t('form.otherPatient')}
        </Button>
      </div>
    </>
  )
}
