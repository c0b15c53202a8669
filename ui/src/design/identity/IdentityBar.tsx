import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { age, day, personName } from '../../i18n/format'
import type { PatientView } from '../../ipc/generated/PatientView'
import { Icon } from '../icon/Icon'
import './identity.css'

/** Name, birth date and codice fiscale: on screen in every clinical view, in the same place. At most three badges. */
export function IdentityBar({ patient, badges, back }: { patient: PatientView; badges?: ReactNode; back?: ReactNode }) {
  const { t } = useTranslation('patient')
  return (
    <section className="ps-identity" aria-label={t('identity')} data-testid="identity-bar" data-patient={patient.id}>
      {back}
      <div className="ps-identity-who">
        <h1>{personName(patient)}</h1>
        <span className="mut nw">{describePatient(patient, t)}</span>
      </div>
      <span className="line tight nw">
        <span className="mono" data-testid="fiscal-code">
          {patient.fiscal_code}
        </span>
        <CopyButton text={patient.fiscal_code} label={t('copyFiscalCode')} done={t('copied')} />
      </span>
      {patient.represented && patient.weight_kg !== null && patient.weight_on !== null ? (
        <span className="mut nw t-xs">
          {t('weight', { kg: String(patient.weight_kg).replace('.', ','), on: day(patient.weight_on) })}
        </span>
      ) : null}
      <span className="ps-identity-badges">{badges}</span>
    </section>
  )
}

type Translate = (key: 'sexF' | 'sexM' | 'bornF' | 'bornM' | 'bornX', options?: Record<string, string>) => string

/** *F, 71 anni, nata il 12/03/1955*. */
export function describePatient(patient: PatientView, t: unknown) {
  const say = t as Translate
  const born = say(patient.sex === 'female' ? 'bornF' : patient.sex === 'male' ? 'bornM' : 'bornX', {
    date: day(patient.birth_date),
  })
  const sex = patient.sex === 'female' ? `${say('sexF')}, ` : patient.sex === 'male' ? `${say('sexM')}, ` : ''
  return `${sex}${age(patient)}, ${born}`
}

export function CopyButton({ text, label, done }: { text: string; label: string; done: string }) {
  const [copied, setCopied] = useState(false)
  return (
    <>
      <button
        type="button"
        className="ps-icon-btn"
        aria-label={label}
        title={label}
        onClick={() => {
          void navigator.clipboard?.writeText(text).then(() => {
            setCopied(true)
            setTimeout(() => setCopied(false), 2000)
          })
        }}
      >
        <Icon name={copied ? 'check' : 'copy'} size="s" />
      </button>
      <span className="hide-text" role="status">
        {copied ? done : ''}
      </span>
    </>
  )
}
