import { useTranslation } from 'react-i18next'
import { Button, CopyButton, Dialog } from '../design'
import { personName } from '../i18n/format'
import type { PatientView } from '../ipc/generated/PatientView'

/** The telephone at hand: the number of the patient and of who is around. */
export function PhoneDialog({ patient, onClose }: { patient: PatientView; onClose: () => void }) {
  const { t } = useTranslation(['televisit', 'frame'])
  const numbers = [
    ...(patient.phone ? [{ who: personName(patient), phone: patient.phone }] : []),
    ...patient.related.flatMap((person) =>
      person.phone ? [{ who: `${personName(person)}, ${person.relation}`, phone: person.phone }] : [],
    ),
  ]
  return (
    <Dialog
      title={t('phone')}
      size="s"
      onClose={onClose}
      testId="phone-dialog"
      footer={
        <>
          <span className="grow" />
          <Button kind="primary" onPress={onClose} autoFocus>
            {t('frame:close')}
          </Button>
        </>
      }
    >
      <div className="stack">
        {numbers.length === 0 ? <p>{t('phoneDialog.none')}</p> : <p className="mut">{t('phoneDialog.text')}</p>}
        {numbers.map(({ who, phone }) => (
          <div key={`${who}/${phone}`}>
            <div className="cap">{who}</div>
            <span className="line">
              <span className="phone-number" data-testid="phone-number">
                {phone}
              </span>
              <CopyButton text={phone} label={t('phoneDialog.copy')} done={t('frame:copied')} />
            </span>
          </div>
        ))}
      </div>
    </Dialog>
  )
}
