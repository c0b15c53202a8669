import { useTranslation } from 'react-i18next'
import { Badge, Checkbox, Choice, Select, TextField } from '../../design'
import { personName } from '../../i18n/format'
import type { PatientView } from '../../ipc/generated/PatientView'
import type { RepresentationInput } from '../../ipc/generated/RepresentationInput'
import type { RepresentativeTitle } from '../../ipc/generated/RepresentativeTitle'
import type { RequestDraft } from './draft'
import { missingIn, mustBeRepresented } from './steps'

const TITLES: RepresentativeTitle[] = ['parent', 'guardian', 'support_administrator']
const EMPTY: RepresentationInput = {
  family: '',
  given: '',
  title: 'parent',
  document: '',
  phone: '',
  both_parents: false,
  minor_opinion: null,
}

/** Who speaks for the patient and in what title: it comes before consent. */
export function RepresentationStep({ draft, patient }: { draft: RequestDraft; patient: PatientView }) {
  const { t } = useTranslation(['teleconsult', 'patient'])
  const must = mustBeRepresented(patient)
  const giver = draft.form.representative
  const known = patient.related.flatMap(({ family, given, title, relation, phone }) =>
    title ? [{ relation, person: { ...EMPTY, family, given, title, phone: phone ?? '' } }] : [],
  )
  const at = giver
    ? known.findIndex(({ person }) => person.family === giver.family && person.given === giver.given)
    : -1
  const chosen = giver ? (at < 0 ? 'other' : String(at)) : must ? null : 'self'
  const set = (part: Partial<RepresentationInput>) => giver && draft.change({ representative: { ...giver, ...part } })
  const choose = (which: string) => {
    // A consent given by another person is not this one's.
    if (which === chosen) return
    const person =
      which === 'other'
        ? { ...EMPTY, title: patient.minor ? ('parent' as const) : ('guardian' as const) }
        : (known[Number(which)]?.person ?? null)
    draft.change({ representative: which === 'self' ? null : person, consent: false })
  }
  const save = () => void draft.flush()
  const complete = giver !== null && missingIn(draft.missing, 'representation').length === 0
  return (
    <>
      <div className="line">
        <h2 className="grow">{t(patient.minor ? 'form.whoMinor' : 'form.who')}</h2>
        {complete && giver.document.trim() ? (
          <Badge tone="ok" icon="check">
            {t('form.document')}
          </Badge>
        ) : null}
      </div>
      <div id="field-representative" className="stack wide text">
        <Choice<string>
          legend={t(patient.minor ? 'form.whoMinor' : 'form.who')}
          hideLegend
          value={chosen}
          onChange={choose}
          options={[
            ...(must
              ? []
              : [{ value: 'self', label: t('form.givesSelf'), hint: t('form.givesSelfHint'), testId: 'giver-self' }]),
            ...known.map(({ person, relation }, index) => ({
              value: String(index),
              label: personName(person),
              hint: relation,
              testId: `giver-${index}`,
            })),
            { value: 'other', label: t('form.someoneElse'), testId: 'giver-other' },
          ]}
        />
        {giver ? (
          <>
            {at < 0 ? (
              <div className="pair">
                <TextField
                  label={t('form.family')}
                  value={giver.family}
                  onChange={(family) => set({ family })}
                  onBlur={save}
                  testId="giver-family"
                />
                <TextField
                  label={t('form.given')}
                  value={giver.given}
                  onChange={(given) => set({ given })}
                  onBlur={save}
                  testId="giver-given"
                />
              </div>
            ) : null}
            <div className="pair">
              <Select
                label={t('form.title')}
                value={giver.title}
                onChange={(title) => set({ title: title as RepresentativeTitle, both_parents: false })}
                options={TITLES.filter((title) => patient.minor || title !== 'parent').map((title) => ({
                  value: title,
                  label: t(`patient:titles.${title}`),
                }))}
                testId="giver-title"
              />
              <TextField
                label={t('form.phone')}
                hint={t('form.phoneHint')}
                type="tel"
                value={giver.phone}
                onChange={(phone) => set({ phone })}
                onBlur={save}
                testId="giver-phone"
              />
            </div>
            <TextField
              label={t('form.document')}
              hint={t('form.documentHint')}
              value={giver.document}
              onChange={(document) => set({ document })}
              onBlur={save}
              testId="giver-document"
            />
            {patient.minor && giver.title === 'parent' ? (
              <div>
                <Choice<'one' | 'both'>
                  layout="line"
                  legend={t('form.consenting')}
                  value={giver.both_parents ? 'both' : 'one'}
                  onChange={(who) => set({ both_parents: who === 'both' })}
                  options={[
                    { value: 'one', label: t('form.oneParent'), testId: 'one-parent' },
                    { value: 'both', label: t('form.bothParents'), testId: 'both-parents' },
                  ]}
                />
                <p className="t-xs mut">{t('form.ordinary')}</p>
              </div>
            ) : null}
            {patient.minor ? (
              patient.age_years >= 6 ? (
                <TextField
                  label={t('form.opinion')}
                  hint={t('form.opinionHint')}
                  value={giver.minor_opinion ?? ''}
                  onChange={(words) => set({ minor_opinion: words || null })}
                  onBlur={save}
                  testId="minor-opinion"
                />
              ) : (
                <p className="t-xs mut">{t('form.opinionYoung')}</p>
              )
            ) : null}
            {patient.minor ? (
              <fieldset className="stack">
                <legend className="cap">{t('form.obscure')}</legend>
                <Checkbox
                  checked={draft.form.obscured_to_parent}
                  onChange={(obscured_to_parent) => {
                    draft.change({ obscured_to_parent })
                    save()
                  }}
                  hint={t('form.obscureHint')}
                  testId="obscure-parent"
                >
                  {t('form.obscureYes')}
                </Checkbox>
              </fieldset>
            ) : null}
          </>
        ) : null}
      </div>
    </>
  )
}
