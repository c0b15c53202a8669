// A teleconsult from the question to the answer read: asked while the region is away, with an attachment, and answered by a
// specialist on the same PC. For a child a parent is recorded before the consent.

import { PEOPLE } from '../station.mjs'
import { id } from '../window.mjs'

export const ADULT = {
  asker: PEOPLE.generalPractitioner,
  patient: 'torrigiani-elio',
  name: 'medico-di-famiglia',
  question:
    'INR instabile negli ultimi due controlli in terapia anticoagulante. È indicato il passaggio a un anticoagulante diretto?',
  diagnosis: 'Fibrillazione atriale in terapia anticoagulante',
  opening: {
    what: 'Passare all’anticoagulante diretto quando l’INR è sotto 2',
    by_when: 'entro 7 giorni',
    worry: 'sanguinamento, INR oltre 4',
  },
  answer:
    'Sì: funzione renale nella norma e nessuna interazione. Sospenda il warfarin e inizi l’anticoagulante diretto quando l’INR è sotto 2. Controllo dell’emocromo tra un mese.',
}
export const CHILD = {
  asker: PEOPLE.paediatrician,
  patient: 'cellentani-nina',
  name: 'pediatra',
  parent: true,
  question:
    'Soffio sistolico 2/6 al margine sternale in bambina di 14 mesi con crescita regolare. Serve un ecocardiogramma?',
  diagnosis: 'Soffio cardiaco, verosimilmente innocente',
  opening: {
    what: 'Ecocardiogramma non urgente',
    by_when: 'entro tre mesi',
    worry: 'affaticamento alle poppate, cianosi, scarso accrescimento',
  },
  answer:
    'Per le caratteristiche descritte è un soffio innocente. Ecocardiogramma non urgente entro tre mesi; nessuna limitazione.',
}

/** Asked, answered, read. The window begins and ends at the login page. */
export async function teleconsult(
  story,
  station,
  { asker, patient, name, parent, question, diagnosis, opening, answer },
) {
  const { window, region } = station
  await story.step(`${name}-accesso`, async () => {
    await station.enter(asker)
    await window.click(id('place-patients'))
    await window.find(id(`patient-${patient}`), 40)
  })
  await story.step(`${name}-senza-rete`, async () => {
    await region.stop()
    await window.shows(id('link-state'), 'Senza rete', 30)
    await window.click(id(`patient-${patient}`))
    await window.find(id('patient-new-teleconsult'))
  })
  await story.step(`${name}-richiesta`, async () => {
    await window.click(id('patient-new-teleconsult'))
    await window.find(`${id('new-request')}[data-step="question"]`)
    await window.write(id('question'), question)
    await window.write(id('diagnosis'), diagnosis)
    await window.choose(id('speciality'), '02')
    await window.click(id('priority-B'))
    await window.click(id('mode-asynchronous'))
  })
  await window.click(id('request-next'))
  if (parent) {
    await story.step(`${name}-genitore`, async () => {
      await window.click(id('giver-0'))
      await window.write(id('giver-document'), 'Carta d’identità CA00000AA')
      await window.click(id('both-parents'))
    })
    await window.click(id('request-next'))
  }
  await story.step(`${name}-allegato`, async () => {
    await window.click(id('attach'))
    await window.shows(id('draft-attachments'), 'tracciato.png')
  })
  await window.click(id('request-next'))
  await story.step(`${name}-consenso`, () => window.click(id('consent')))
  await window.click(id('request-next'))
  await story.step(`${name}-in-coda`, async () => {
    await window.find(id('request-ready'))
    await window.click(id('request-send'))
    await window.find(id('teleconsult-detail'))
    await window.find(id('queue-state'))
  })
  const asked = await caseOf(window, patient, question)
  await story.step(`${name}-partita`, async () => {
    await region.start()
    await window.shows(id('link-state'), 'In linea', 40)
    await window.until(
      async () => (await caseOf(window, patient, question)).queue === null,
      60,
      () => 'the request did not leave',
    )
    await window.find(`${id('teleconsult-detail')}[data-state="requested"]`)
  })
  story.receipt('teleconsult_requested', new Date().toISOString(), asked.id)
  await station.leave()

  await story.step(`${name}-specialista`, async () => {
    await station.enter(PEOPLE.cardiologist)
    await window.click(id('place-teleconsults'))
    await window.click(id(`teleconsult-${asked.id}`), 40)
    await window.click(id('claim'), 30)
    await window.find(id('answer-text'))
  })
  await story.step(`${name}-risposta`, async () => {
    for (const [line, words] of Object.entries(opening)) await window.write(id(`answer-${line}`), words)
    await window.write(id('answer-text'), answer)
    await window.click(id('answer-send'))
    await window.until(
      async () => (await window.invoke('teleconsult_open', { teleconsult_id: asked.id })).row.state === 'answered',
      40,
      () => 'no answer',
    )
    await sent(window)
  })
  await station.leave()

  await story.step(`${name}-legge-la-risposta`, async () => {
    await station.enter(asker)
    await window.click(id('place-teleconsults'))
    await window.until(
      async () => (await window.invoke('teleconsult_open', { teleconsult_id: asked.id })).row.state === 'answered',
      60,
      () => 'the answer did not arrive',
    )
    await window.click(id(`teleconsult-${asked.id}`), 40)
    await window.shows(id('teleconsult-detail'), answer.slice(0, 40))
  })
  await story.step(`${name}-presa-visione`, async () => {
    await window.click(id('acknowledge'))
    await window.find(`${id('teleconsult-detail')}[data-state="acknowledged"]`, 30)
    await sent(window)
  })
  story.receipt('teleconsult_acknowledged', new Date().toISOString(), asked.id)
  await station.leave()
}

async function caseOf(window, patient, question) {
  const { rows } = await window.invoke('teleconsult_list')
  const found = rows.find((row) => row.patient.id === patient && question.startsWith(row.question.slice(0, 30)))
  if (!found) throw new Error(`no case of ${patient} among ${rows.length}`)
  return found
}

/** Nothing waits any more. */
export const sent = (window) =>
  window.until(
    async () => (await window.invoke('station_state')).link.queued === 0,
    40,
    () => 'something did not leave',
  )
