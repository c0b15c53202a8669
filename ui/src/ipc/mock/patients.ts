/**
 * Looking for a patient, and the earlier documents of each. The people are in `people.ts`; the reports written here are in
 * `report.ts` and do not join the documents.
 */
import type { PatientView } from '../generated/PatientView'
import { dayOf } from './day'
import { makePdf } from './pdf'
import { PATIENTS } from './people'
import { type HandlersOf, patientOf, refuse, type World } from './world'

const folded = (text: string) =>
  text
    .trim()
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLocaleLowerCase('it')

/** Earlier documents of a patient, for the pages that list them. */
const documentsOf = (patient: PatientView) =>
  patient.id === 'petracchi'
    ? []
    : [
        {
          id: `${patient.id}-1`,
          patient_id: patient.id,
          title: 'Lettera di dimissione',
          date: dayOf(-94),
          author: 'Ospedale del Golfo, Cardiologia',
          media_type: 'application/pdf',
          size: 84_000,
          on_this_pc: true,
        },
        {
          id: `${patient.id}-2`,
          patient_id: patient.id,
          title: 'Visita cardiologica con ECG',
          date: dayOf(-143),
          author: 'Ospedale del Golfo, Cardiologia',
          media_type: 'application/pdf',
          size: 84_000,
          on_this_pc: true,
        },
        {
          id: `${patient.id}-3`,
          patient_id: patient.id,
          title: 'Ecocardiogramma',
          date: dayOf(-193),
          author: 'Ospedale del Golfo, Cardiologia',
          media_type: 'application/pdf',
          size: 84_000,
          on_this_pc: false,
        },
      ]

/** A long list: the surgery of a family doctor. Invented, as everybody here. */
const crowd = (): PatientView[] =>
  Array.from({ length: 1480 }, (_, n) => {
    const number = String(n).padStart(4, '0')
    return {
      ...PATIENTS.marottoli,
      id: `crowd-${number}`,
      family: `Àbbate${number}`,
      given: 'Ida',
      fiscal_code: `BBTDIA50A41X${number.slice(1)}${'ABCDEFGHIJ'[n % 10]}`,
    }
  })

export function patients({ scene }: World): HandlersOf<'patient_' | 'document_'> {
  return {
    patient_search: ({ text, limit }) => {
      const words = folded(text).split(/\s+/)
      const everybody = scene.endsWith('many') ? [...Object.values(PATIENTS), ...crowd()] : Object.values(PATIENTS)
      const found = everybody.filter(({ family, given, fiscal_code }) => {
        const hay = folded(`${family} ${given} ${fiscal_code}`)
        return words.every((word) => hay.includes(word))
      })
      return { patients: found.slice(0, limit), total: found.length }
    },
    patient_open: ({ patient_id }) => patientOf(patient_id),
    document_list: ({ patient_id }) => ({ documents: documentsOf(patientOf(patient_id)) }),
    document_recent: ({ text, limit }) => {
      if (scene.startsWith('cot')) refuse('access_denied', 'role/not-allowed')
      const words = folded(text).split(/\s+/)
      const known = scene.endsWith('empty') ? [] : Object.values(PATIENTS)
      const found = known
        .flatMap((patient) => documentsOf(patient).map((document) => ({ document, patient })))
        .filter(({ document: { title }, patient: { family, given, fiscal_code } }) => {
          const hay = folded(`${family} ${given} ${fiscal_code} ${title}`)
          return words.every((word) => hay.includes(word))
        })
        .sort((a, b) => b.document.date.localeCompare(a.document.date))
      return { documents: found.slice(0, limit), total: found.length }
    },
    document_content: ({ document_id }) => {
      if (document_id.endsWith('-3')) refuse('region_unreachable', 'region/connect')
      return makePdf([
        { text: 'Ospedale del Golfo', bold: true, right: 'Lettera di dimissione' },
        { text: 'Cardiologia', bold: true },
        {
          text: 'Impianto di pacemaker bicamerale senza complicanze. Ferita asciutta. Dimissione al domicilio con controllo a tre mesi in televisita.',
          gap: 16,
        },
      ])
    },
  }
}
