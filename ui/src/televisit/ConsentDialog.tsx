import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Button, Checkbox, Choice, Dialog, Select, TextField } from '../design'
import { age, personName } from '../i18n/format'
import { call } from '../ipc/call'
import type { RepresentationInput } from '../ipc/generated/RepresentationInput'
import type { RepresentativeTitle } from '../ipc/generated/RepresentativeTitle'
import type { TelevisitView } from '../ipc/generated/TelevisitView'
import { useTelevisitAction } from './update'

const TITLES: RepresentativeTitle[] = ['parent', 'guardian', 'support_administrator']
const OTHER = 'other'

/** Consent with its time; for a minor or a ward, who gives it and in what title come first. */
export function ConsentDialog({ visit, onClose }: { visit: TelevisitView; onClose: () => void }) {
  const { t } = useTranslation(['televisit', 'patient', 'frame'])
  const { patient } = visit
  const represented = patient.minor || patient.represented
  const [service, setService] = useState(false)
  const [image, setImage] = useState(false)
  const [asked, setAsked] = useState(false)
  const [giver, setGiver] = useState<RepresentationInput>(() => known(visit)[0]?.person ?? EMPTY)
  const { run, failure, busy } = useTelevisitAction()
  const complete =
    !represented || (giver.family.trim() !== '' && giver.given.trim() !== '' && giver.document.trim() !== '')

  const record = () => {
    setAsked(true)
    if (!service || !complete || busy) return
    return run(
      () =>
        call('televisit_record_consent', {
          televisit_id: visit.id,
          to_service: service,
          to_image: image,
          representative: represented ? { ...giver, minor_opinion: giver.minor_opinion || null } : null,
        }),
      onClose,
    )
  }

  return (
    <Dialog
      title={t('consentVerb')}
      onClose={onClose}
      onSubmit={record}
      testId="consent-dialog"
      footer={
        <>
          <span className="t-xs mut grow">{t('consentDialog.refusedNote')}</span>
          <Button onPress={onClose}>{t('frame:cancel')}</Button>
          <Button kind="primary" type="submit" disabled={!service} busy={busy} testId="confirm-consent">
            {t('consentDialog.register')}
          </Button>
        </>
      }
    >
      <div className="stack">
        {failure ? <FailureBanner failure={failure} /> : null}
        <p>
          <b>{personName(patient)}</b>, {age(patient)}, <span className="mono">{patient.fiscal_code}</span>
        </p>
        {represented ? <Giver visit={visit} value={giver} onChange={setGiver} bad={asked && !complete} /> : null}
        <fieldset className="stack">
          <legend className="cap">{t(represented ? 'consentDialog.textRepresented' : 'consentDialog.text')}</legend>
          <Checkbox
            checked={service}
            onChange={setService}
            testId="consent-service"
            hint={t('consentDialog.serviceHint')}
          >
            <b>{t('consentDialog.service')}</b>
          </Checkbox>
          <Checkbox checked={image} onChange={setImage} testId="consent-image" hint={t('consentDialog.imageHint')}>
            <b>{t('consentDialog.image')}</b>
          </Checkbox>
        </fieldset>
      </div>
    </Dialog>
  )
}

const EMPTY: RepresentationInput = {
  family: '',
  given: '',
  title: 'parent',
  document: '',
  phone: '',
  both_parents: false,
  minor_opinion: '',
}

/** People of the record who may speak for the patient. */
function known({ patient }: TelevisitView) {
  return patient.related.flatMap(({ family, given, title, relation, phone }) =>
    title ? [{ relation, person: { ...EMPTY, family, given, title, phone: phone ?? '' } }] : [],
  )
}

type GiverProps = {
  visit: TelevisitView
  value: RepresentationInput
  onChange: (value: RepresentationInput) => void
  bad: boolean
}

function Giver({ visit, value, onChange, bad }: GiverProps) {
  const { t } = useTranslation(['televisit', 'patient'])
  const people = known(visit)
  const chosen = people.findIndex(({ person }) => person.family === value.family && person.given === value.given)
  const set = (change: Partial<RepresentationInput>) => onChange({ ...value, ...change })
  return (
    <div className="stack" data-testid="consent-giver">
      {people.length > 0 ? (
        <Choice<string>
          legend={t('consentDialog.who')}
          value={chosen < 0 ? OTHER : String(chosen)}
          onChange={(which) =>
            onChange(
              which === OTHER
                ? { ...EMPTY, document: value.document }
                : { ...(people[Number(which)]?.person ?? EMPTY), document: value.document },
            )
          }
          options={[
            ...people.map(({ person, relation }, index) => ({
              value: String(index),
              label: personName(person),
              hint: relation,
              testId: `giver-${index}`,
            })),
            { value: OTHER, label: t('consentDialog.someoneElse'), testId: 'giver-other' },
          ]}
        />
      ) : null}
      {chosen < 0 ? (
        <div className="pair">
          <TextField
            label={t('consentDialog.family')}
            value={value.family}
            onChange={(family) => set({ family })}
            testId="giver-family"
          />
          <TextField
            label={t('consentDialog.given')}
            value={value.given}
            onChange={(given) => set({ given })}
            testId="giver-given"
          />
        </div>
      ) : null}
      <div className="pair">
        <Select
          label={t('consentDialog.title')}
          value={value.title}
          onChange={(title) => set({ title: title as RepresentativeTitle })}
          options={TITLES.filter((title) => visit.patient.minor || title !== 'parent').map((title) => ({
            value: title,
            label: t(`patient:titles.${title}`),
          }))}
          testId="giver-title"
        />
        <TextField
          label={t('consentDialog.phone')}
          optional={t('consentDialog.optional')}
          type="tel"
          value={value.phone}
          onChange={(phone) => set({ phone })}
          testId="giver-phone"
        />
      </div>
      <TextField
        label={t('consentDialog.document')}
        value={value.document}
        placeholder={t('consentDialog.documentPlaceholder')}
        onChange={(document) => set({ document })}
        error={bad ? t('consentDialog.required') : undefined}
        testId="giver-document"
      />
      {visit.patient.minor && value.title === 'parent' ? (
        <Checkbox checked={value.both_parents} onChange={(both_parents) => set({ both_parents })} testId="both-parents">
          {t('consentDialog.bothParents')}
        </Checkbox>
      ) : null}
      {visit.patient.minor && visit.patient.age_years >= 6 ? (
        <TextField
          label={t('consentDialog.minorOpinion')}
          hint={t('consentDialog.minorOpinionHint')}
          value={value.minor_opinion ?? ''}
          onChange={(minor_opinion) => set({ minor_opinion })}
          testId="minor-opinion"
        />
      ) : null}
    </div>
  )
}
