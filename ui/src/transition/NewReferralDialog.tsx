import { useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Button, Checkbox, Dialog, Select, TextArea, TextField } from '../design'
import { age, personName, typedDay } from '../i18n/format'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { PatientView } from '../ipc/generated/PatientView'
import type { TransitionDestination } from '../ipc/generated/TransitionDestination'
import type { TransitionOrigin } from '../ipc/generated/TransitionOrigin'
import type { TransitionView } from '../ipc/generated/TransitionView'
import { useView } from '../ipc/query'

const ORIGINS: TransitionOrigin[] = ['ward', 'emergency_room', 'primary_care', 'home_care', 'social_services', 'court']
const DESTINATIONS: TransitionDestination[] = [
  'home',
  'community_house',
  'community_hospital',
  'residential_care',
  'hospice',
]
const SHOWN = 4

type Props = { patientId: string | undefined; onClose: () => void; onDone: (view: TransitionView) => void }

export function NewReferralDialog({ patientId, onClose, onDone }: Props) {
  const { t } = useTranslation(['transition', 'frame'])
  const given = useView('patient_open', [{ patient_id: patientId ?? '' }], { enabled: patientId !== undefined })
  const [picked, setPicked] = useState<PatientView | null>(null)
  const [origin, setOrigin] = useState<TransitionOrigin | ''>('')
  const [destination, setDestination] = useState<TransitionDestination | ''>('')
  const [expected, setExpected] = useState('')
  const [citizen, setCitizen] = useState(false)
  const [note, setNote] = useState('')
  const { run, failure, busy } = useAction()
  const patient = picked ?? given.data ?? null
  const badDay = expected.trim() !== '' && typedDay(expected) === null
  const submit = () => {
    if (!patient || origin === '' || destination === '' || badDay || busy) return
    return run(
      () =>
        call('transition_create', {
          patient_id: patient.id,
          origin,
          destination,
          expected_discharge: expected.trim() === '' ? null : typedDay(expected),
          from_citizen: citizen,
          note: note.trim(),
        }),
      onDone,
    )
  }
  const complete = !badDay && patient !== null && origin !== '' && destination !== ''
  return (
    <Dialog
      title={t('newReferral')}
      onClose={onClose}
      onSubmit={submit}
      testId="referral-dialog"
      footer={
        <>
          <span className="t-xs mut grow">{complete ? null : t('referral.missing')}</span>
          <Button onPress={onClose}>{t('frame:cancel')}</Button>
          <Button kind="primary" type="submit" disabled={!complete} busy={busy} testId="referral-save">
            {t('referral.submit')}
          </Button>
        </>
      }
    >
      <div className="stack">
        {failure ? <FailureBanner failure={failure} /> : null}
        {patient ? (
          <div className="line referral-patient" data-testid="referral-patient">
            <span className="grow">
              <b>{personName(patient)}</b>, {age(patient)}, <span className="mono">{patient.fiscal_code}</span>
            </span>
            {patientId ? null : (
              <Button kind="quiet" small testId="referral-change" onPress={() => setPicked(null)}>
                {t('referral.change')}
              </Button>
            )}
          </div>
        ) : patientId ? null : (
          <FindPatient onPick={setPicked} />
        )}
        <div className="pair">
          <Select
            label={t('referral.origin')}
            placeholder={t('referral.choose')}
            value={origin}
            onChange={(value) => setOrigin(value as TransitionOrigin)}
            options={ORIGINS.map((value) => ({ value, label: t(`origins.${value}`) }))}
            testId="referral-origin"
          />
          <Select
            label={t('referral.destination')}
            placeholder={t('referral.choose')}
            value={destination}
            onChange={(value) => setDestination(value as TransitionDestination)}
            options={DESTINATIONS.map((value) => ({ value, label: t(`destinations.${value}`) }))}
            testId="referral-destination"
          />
        </div>
        <div className="pair">
          <TextField
            label={t('referral.expected')}
            optional={t('referral.optional')}
            placeholder="gg/mm/aaaa"
            maxLength={10}
            value={expected}
            onChange={setExpected}
            error={badDay && expected.length >= 8 ? t('referral.badDay') : undefined}
            testId="referral-expected"
          />
        </div>
        <Checkbox checked={citizen} onChange={setCitizen} testId="referral-citizen">
          {t('referral.citizen')}
        </Checkbox>
        <TextArea
          label={t('referral.note')}
          hint={t('referral.noteHint')}
          rows={2}
          value={note}
          onChange={setNote}
          testId="referral-note"
        />
      </div>
    </Dialog>
  )
}

function FindPatient({ onPick }: { onPick: (patient: PatientView) => void }) {
  const { t } = useTranslation('transition')
  const [text, setText] = useState('')
  const asked = useDeferredValue(text.trim())
  const found = useView('patient_search', [{ text: asked, limit: SHOWN }], { enabled: asked.length >= 2 })
  const list = asked.length >= 2 ? found.data : undefined
  return (
    <div>
      <TextField
        label={t('referral.patient')}
        hint={t('referral.searchHint')}
        type="search"
        value={text}
        onChange={setText}
        placeholder={t('referral.search')}
        firstFocus
        testId="referral-search"
      />
      <p className="hide-text" role="status">
        {list ? t('referral.found', { count: list.total }) : ''}
      </p>
      {list && list.patients.length === 0 ? <p className="t-xs c-warn">{t('referral.none')}</p> : null}
      {list && list.patients.length > 0 ? (
        <ul className="side-lines">
          {list.patients.map((patient) => (
            <li key={patient.id}>
              <button
                type="button"
                className="side-line"
                data-testid={`pick-${patient.id}`}
                onClick={() => onPick(patient)}
              >
                <b className="cut">{personName(patient)}</b>
                <span className="mut grow nw">{age(patient)}</span>
                <span className="mono nw">{patient.fiscal_code}</span>
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      {list && list.total > list.patients.length ? (
        <p className="t-xs mut">{t('referral.more', { count: list.total - list.patients.length })}</p>
      ) : null}
    </div>
  )
}
