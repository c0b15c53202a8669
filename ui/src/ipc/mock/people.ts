/** Invented people. The place code X000 does not exist, so no codice fiscale here can be anybody's. */
import type { PatientView } from '../generated/PatientView'
import type { PersonView } from '../generated/PersonView'
import type { RelatedPersonView } from '../generated/RelatedPersonView'

export const STAFF: Record<'irene' | 'sandro' | 'livia' | 'guido' | 'ugo' | 'dario', PersonView> = {
  guido: { id: 'guido-ferrantino', family: 'Ferrantino', given: 'Guido' },
  ugo: { id: 'ugo-brandolesi', family: 'Brandolesi', given: 'Ugo' },
  dario: { id: 'dario-scarpellini', family: 'Scarpellini', given: 'Dario' },
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
    related: [
      { family: 'Riccitelli', given: 'Paola', title: null, relation: 'figlia, caregiver', phone: '333 5550 118' },
    ],
  }),
  bellisario: person({
    id: 'bellisario',
    family: 'Bellisario',
    given: 'Rocco',
    sex: 'male',
    birth_date: '1962-05-03',
    fiscal_code: 'BLLRCC62E03X000Q',
  }),
  torrigiani: person({
    id: 'torrigiani',
    family: 'Torrigiani',
    given: 'Elio',
    sex: 'male',
    birth_date: '1968-01-20',
    fiscal_code: 'TRRLEI68A20X000W',
    phone: '081 5550 2210',
  }),
  fiorentano: person({
    id: 'fiorentano',
    family: 'Fiorentano',
    given: 'Mirella',
    sex: 'female',
    birth_date: '1960-04-09',
    fiscal_code: 'FRNMLL60D49X000C',
  }),
  castagnari: person({
    id: 'castagnari',
    family: 'Castagnari',
    given: 'Delio',
    sex: 'male',
    birth_date: '1947-02-14',
    fiscal_code: 'CSTDLE47B14X000P',
    phone: '0823 5550 77',
  }),
  palazzese: person({
    id: 'palazzese',
    family: 'Palazzese',
    given: 'Nives',
    sex: 'female',
    birth_date: '1974-06-28',
    fiscal_code: 'PLZNVS74H68X000T',
  }),
  child: person({
    id: 'santelmi',
    family: 'Santelmi',
    given: 'Bianca',
    sex: 'female',
    birth_date: fourteenMonthsAgo(),
    fiscal_code: 'SNTBNC25P60X000H',
    weight_kg: 9.8,
    weight_on: recentDay(),
    related: [
      parent('Ottaviani', 'Chiara', 'madre', '333 5550 902'),
      parent('Santelmi', 'Marco', 'padre', '333 5550 903'),
    ],
  }),
  ward: person({
    id: 'gualterotti',
    family: 'Gualterotti',
    given: 'Ivo',
    sex: 'male',
    birth_date: '1956-07-01',
    fiscal_code: 'GLTVIO56L01X000M',
    represented: true,
    related: [
      { family: 'Lanfranchi', given: 'Teresa', title: 'guardian', relation: 'tutrice', phone: '081 5550 4410' },
    ],
  }),
  sorbellini: person({
    id: 'sorbellini',
    family: 'Sorbellini',
    given: 'Ada',
    sex: 'female',
    birth_date: '1965-02-02',
    fiscal_code: 'SRBDAA65B42X000K',
  }),
  ventrigliani: person({
    id: 'ventrigliani',
    family: 'Ventrigliani',
    given: 'Ciro',
    sex: 'male',
    birth_date: '1959-10-10',
    fiscal_code: 'VNTCRI59R10X000S',
  }),
  altobrandi: person({
    id: 'altobrandi',
    family: 'Altobrandi',
    given: 'Rosa',
    sex: 'female',
    birth_date: '1949-12-05',
    fiscal_code: 'LTBRSO49T45X000D',
  }),
  montefuschi: person({
    id: 'montefuschi',
    family: 'Montefuschi',
    given: 'Lia',
    sex: 'female',
    birth_date: '1971-03-30',
    fiscal_code: 'MNTLIA71C70X000B',
  }),
  quarantelli: person({
    id: 'quarantelli',
    family: 'Quarantelli',
    given: 'Iolanda',
    sex: 'female',
    birth_date: '1943-03-02',
    fiscal_code: 'QRNLND43C42X000L',
  }),
  delvecchiati: person({
    id: 'delvecchiati',
    family: 'Delvecchiati',
    given: 'Orfeo',
    sex: 'male',
    birth_date: '1957-07-04',
    fiscal_code: 'DLVRFO57L04X000A',
    phone: '081 5550 3301',
  }),
  petracchi: person({
    id: 'petracchi',
    family: 'Petracchi',
    given: 'Amato',
    sex: 'male',
    birth_date: '1952-01-11',
    fiscal_code: 'PTRMTA52A11X000E',
  }),
  lombardesi: person({
    id: 'lombardesi',
    family: 'Lombardesi',
    given: 'Flora',
    sex: 'female',
    birth_date: '1971-05-19',
    fiscal_code: 'LMBFLR71E59X000R',
  }),
  corvelli: person({
    id: 'corvelli',
    family: 'Corvelli',
    given: 'Ernesto',
    sex: 'male',
    birth_date: '1959-09-23',
    fiscal_code: 'CRVRST59P23X000N',
  }),
  santoviti: person({
    id: 'santoviti',
    family: 'Santoviti',
    given: 'Clelia',
    sex: 'female',
    birth_date: '1979-02-08',
    fiscal_code: 'SNTCLL79B48X000U',
  }),
  ruggerini: person({
    id: 'ruggerini',
    family: 'Ruggerini',
    given: 'Dora',
    sex: 'female',
    birth_date: '1966-08-30',
    fiscal_code: 'RGGDRO66M70X000Y',
  }),
  pontecorbi: person({
    id: 'pontecorbi',
    family: 'Pontecorbi',
    given: 'Sara',
    sex: 'female',
    birth_date: '1945-04-15',
    fiscal_code: 'PNTSRA45D55X000G',
    phone: '081 5550 7712',
    related: [
      { family: 'Amitrani', given: 'Lucia', title: null, relation: 'figlia, caregiver', phone: '333 5550 640' },
    ],
  }),
  laurenzani: person({
    id: 'laurenzani',
    family: 'Laurenzani',
    given: 'Aldo',
    sex: 'male',
    birth_date: '1950-10-02',
    fiscal_code: 'LRNLDA50R02X000Z',
  }),
  nocerelli: person({
    id: 'nocerelli',
    family: 'Nocerelli',
    given: 'Pia',
    sex: 'female',
    birth_date: '1936-06-12',
    fiscal_code: 'NCRPIA36H52X000F',
  }),
  trevisanti: person({
    id: 'trevisanti',
    family: 'Trevisanti',
    given: 'Elda',
    sex: 'female',
    birth_date: '1942-02-22',
    fiscal_code: 'TRVLDE42B62X000J',
    phone: '081 5550 9120',
    related: [
      { family: 'Trevisanti', given: 'Nora', title: null, relation: 'figlia, caregiver', phone: '333 5550 771' },
    ],
  }),
  basiletti: person({
    id: 'basiletti',
    family: 'Basiletti',
    given: 'Enzo',
    sex: 'male',
    birth_date: '1954-03-18',
    fiscal_code: 'BSLNZE54C18X000V',
  }),
  monfredini: person({
    id: 'monfredini',
    family: 'Monfredini',
    given: 'Ines',
    sex: 'female',
    birth_date: '1947-07-07',
    fiscal_code: 'MNFNSI47L47X000O',
  }),
  salvemari: person({
    id: 'salvemari',
    family: 'Salvemari',
    given: 'Rita',
    sex: 'female',
    birth_date: '1949-05-21',
    fiscal_code: 'SLVRTI49E61X000T',
  }),
  orsoletti: person({
    id: 'orsoletti',
    family: 'Orsoletti',
    given: 'Pio',
    sex: 'male',
    birth_date: '1943-08-08',
    fiscal_code: 'RSLPIO43M08X000Q',
  }),
  danielli: person({
    id: 'danielli',
    family: 'Danielli',
    given: 'Berta',
    sex: 'female',
    birth_date: '1956-01-25',
    fiscal_code: 'DNLBRT56A65X000P',
  }),
  vignolesi: person({
    id: 'vignolesi',
    family: 'Vignolesi',
    given: 'Ada',
    sex: 'female',
    birth_date: '1941-11-03',
    fiscal_code: 'VGNDAA41S43X000X',
  }),
  peruginelli: person({
    id: 'peruginelli',
    family: 'Peruginelli',
    given: 'Max',
    sex: 'male',
    birth_date: '1967-04-04',
    fiscal_code: 'PRGMXA67D04X000I',
  }),
  teen: person({
    id: 'rosalbini',
    family: 'Rosalbini',
    given: 'Teo',
    sex: 'male',
    birth_date: '2011-02-17',
    fiscal_code: 'RSLTEO11B17X000S',
    weight_kg: 54,
    weight_on: recentDay(),
    related: [parent('Marchegiani', 'Silvia', 'madre', '333 5550 220')],
  }),
  supported: person({
    id: 'viscontelli',
    family: 'Viscontelli',
    given: 'Nella',
    sex: 'female',
    birth_date: '1958-12-09',
    fiscal_code: 'VSCNLL58T49X000B',
    represented: true,
    related: [
      {
        family: 'Bernardeschi',
        given: 'Luca',
        title: 'support_administrator',
        relation: 'amministratore di sostegno',
        phone: '081 5550 6060',
      },
    ],
  }),
} satisfies Record<string, PatientView>

function fourteenMonthsAgo() {
  const now = new Date()
  return new Date(Date.UTC(now.getFullYear(), now.getMonth() - 14, 10)).toISOString().slice(0, 10)
}

function recentDay() {
  return new Date(Date.now() - 9 * 86_400_000).toISOString().slice(0, 10)
}
