/** Invented people. The place code X000 does not exist, so no codice fiscale here can be anybody's. */
import type { PatientView } from '../generated/PatientView'
import type { PersonView } from '../generated/PersonView'
import type { RelatedPersonView } from '../generated/RelatedPersonView'

export const STAFF: Record<'irene' | 'sandro' | 'livia', PersonView> = {
  irene: { id: 'irene-valmori', family: 'Valmori', given: 'Irene' },
  sandro: { id: 'sandro-quercetti', family: 'Quercetti', given: 'Sandro' },
  livia: { id: 'livia-berlinghi', family: 'Berlinghi', given: 'Livia' },
}

type Made = Partial<PatientView> & Pick<PatientView, 'id' | 'family' | 'given' | 'sex' | 'birth_date' | 'fiscal_code'>

function person(made: Made): PatientView {
  const months = monthsSince(made.birth_date)
  return {
    age_months: months < 24 ? months : null,
    age_years: Math.floor(months / 12),
    phone: null,
    minor: months < 18 * 12,
    represented: months < 18 * 12,
    weight_kg: null,
    weight_on: null,
    related: [],
    ...made,
  }
}

function monthsSince(day: string) {
  const [year = 0, month = 0, of = 0] = day.split('-').map(Number)
  const now = new Date()
  return (now.getFullYear() - year) * 12 + now.getMonth() + 1 - month - (now.getDate() < of ? 1 : 0)
}

const parent = (family: string, given: string, relation: string, phone: string): RelatedPersonView => ({
  family,
  given,
  title: 'parent',
  relation,
  phone,
})

export const PATIENTS = {
  marottoli: person({
    id: 'marottoli',
    family: 'Marottoli',
    given: 'Assunta',
    sex: 'female',
    birth_date: '1955-03-12',
    fiscal_code: 'MRTSNT55C52X000I',
    phone: '081 5550 1432',
    related: [{ family: 'Riccitelli', given: 'Paola', title: null, relation: 'figlia, caregiver', phone: '333 5550 118' }],
  }),
  bellisario: person({ id: 'bellisario', family: 'Bellisario', given: 'Rocco', sex: 'male', birth_date: '1962-05-03', fiscal_code: 'BLLRCC62E03X000Q' }),
  torrigiani: person({ id: 'torrigiani', family: 'Torrigiani', given: 'Elio', sex: 'male', birth_date: '1968-01-20', fiscal_code: 'TRRLEI68A20X000W', phone: '081 5550 2210' }),
  fiorentano: person({ id: 'fiorentano', family: 'Fiorentano', given: 'Mirella', sex: 'female', birth_date: '1960-04-09', fiscal_code: 'FRNMLL60D49X000C' }),
  castagnari: person({ id: 'castagnari', family: 'Castagnari', given: 'Delio', sex: 'male', birth_date: '1947-02-14', fiscal_code: 'CSTDLE47B14X000P', phone: '0823 5550 77' }),
  palazzese: person({ id: 'palazzese', family: 'Palazzese', given: 'Nives', sex: 'female', birth_date: '1974-06-28', fiscal_code: 'PLZNVS74H68X000T' }),
  child: person({
    id: 'santelmi',
    family: 'Santelmi',
    given: 'Bianca',
    sex: 'female',
    birth_date: fourteenMonthsAgo(),
    fiscal_code: 'SNTBNC25P60X000H',
    weight_kg: 9.8,
    weight_on: recentDay(),
    related: [parent('Ottaviani', 'Chiara', 'madre', '333 5550 902'), parent('Santelmi', 'Marco', 'padre', '333 5550 903')],
  }),
  ward: person({
    id: 'gualterotti',
    family: 'Gualterotti',
    given: 'Ivo',
    sex: 'male',
    birth_date: '1956-07-01',
    fiscal_code: 'GLTVIO56L01X000M',
    represented: true,
    related: [{ family: 'Lanfranchi', given: 'Teresa', title: 'guardian', relation: 'tutrice', phone: '081 5550 4410' }],
  }),
  sorbellini: person({ id: 'sorbellini', family: 'Sorbellini', given: 'Ada', sex: 'female', birth_date: '1965-02-02', fiscal_code: 'SRBDAA65B42X000K' }),
  ventrigliani: person({ id: 'ventrigliani', family: 'Ventrigliani', given: 'Ciro', sex: 'male', birth_date: '1959-10-10', fiscal_code: 'VNTCRI59R10X000S' }),
  altobrandi: person({ id: 'altobrandi', family: 'Altobrandi', given: 'Rosa', sex: 'female', birth_date: '1949-12-05', fiscal_code: 'LTBRSO49T45X000D' }),
  montefuschi: person({ id: 'montefuschi', family: 'Montefuschi', given: 'Lia', sex: 'female', birth_date: '1971-03-30', fiscal_code: 'MNTLIA71C70X000B' }),
} satisfies Record<string, PatientView>

function fourteenMonthsAgo() {
  const now = new Date()
  return new Date(Date.UTC(now.getFullYear(), now.getMonth() - 14, 10)).toISOString().slice(0, 10)
}

function recentDay() {
  return new Date(Date.now() - 9 * 86_400_000).toISOString().slice(0, 10)
}
