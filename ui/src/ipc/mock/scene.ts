/**
 * Where a scene begins: the state that the window finds, reached without its clicks. Who the person is and what the day holds
 * was decided before, when the world was made.
 */
import { heldDay } from './batch'
import { newCall } from './call'
import { at } from './day'
import { goOffline, waitForSignatures } from './delivery'
import { STAFF } from './people'
import { reportOf } from './report'
import { open, setSession, toChooseRole } from './session'
import { stage, visitOf, type World } from './world'

export function begin(world: World) {
  const { inside, scene: name } = world
  if (name === 'first') setSession(world, { state: 'needs_secret', person: STAFF.irene, kind: 'passphrase' })
  else if (name === 'role') toChooseRole(world)
  else if (name === 'locked') {
    goOffline(world)
    inside.link = { ...inside.link, online: true }
    setSession(world, {
      state: 'locked',
      person: STAFF.irene,
      since: at('10:48'),
      reason: 'idle',
      call_in_progress: false,
      kind: 'pin',
    })
  } else if (name !== 'out') setSession(world, open(world))
  if (name === 'queue' || name.endsWith('-offline')) goOffline(world)
  if (name === 'remote-waiting') waitForSignatures(world)
  if (name === 'call' || name === 'cut' || name === 'report') {
    const visit = visitOf(world, 'tv-marottoli')
    visit.view.identity = { method: 'document_shown', at: at('10:05') }
    visit.view.consent = { to_service: true, to_image: true, representative: null, at: at('10:06') }
    visit.view.started_at = new Date(Date.now() - 462_000).toISOString()
    visit.view.participants = visit.view.participants.map((each) => ({ ...each, connected: true }))
    stage(world, visit, 'in_call')
    inside.call = {
      ...newCall('tv-marottoli'),
      phase:
        name === 'cut'
          ? {
              phase: 'interrupted',
              since: new Date(Date.now() - 34_000).toISOString(),
              offer_phone: true,
              ask_outcome: false,
            }
          : { phase: 'connected' },
      started_at: visit.view.started_at,
      phone: visit.view.patient.phone,
      image_acquired_at: name === 'report' ? at('10:19') : null,
      chat: [
        { id: 'c1', at: at('10:11'), mine: false, text: 'Le ho fotografato le medicine che prendo.', received: true },
        { id: 'c2', at: at('10:12'), mine: true, text: 'Grazie, le vedo bene.', received: true },
      ],
    }
  }
  if (name.startsWith('batch')) heldDay(world, 32)
  const signs = name === 'sign' || name.startsWith('sign-') || name.startsWith('remote')
  if (name === 'report' || signs) {
    const visit = visitOf(world, 'tv-marottoli')
    const report = reportOf(world, 'tv-marottoli')
    report.form = {
      ...report.form,
      history: 'Impianto di pacemaker bicamerale il 14 agosto. Ipertensione in terapia.',
      examination:
        'Paziente vigile, eupnoica a riposo. Ferita asciutta, senza arrossamento. Peso riferito 68 kg, pressione riferita 135/80. Lieve affanno dopo una rampa di scale.',
      image_caption: name === 'report' ? 'Ferita' : '',
      conclusions: 'Compenso stabile. Si conferma la terapia in atto; controllo del dispositivo in ambulatorio.',
      next_control: 'Tra 3 mesi, in presenza',
      outcome: signs ? 'stable' : null,
      link_suitable: signs ? true : null,
      darkening_asked: true,
      measurement_source: signs ? 'La figlia, con misuratore da braccio' : '',
      therapy: 'Invariata: bisoprololo 2,5 mg una volta al giorno, apixaban 5 mg due volte al giorno.',
    }
    report.saved_at = at('10:25')
    report.revision = 12
    if (signs) {
      visit.view.identity = { method: 'document_shown', at: at('10:05') }
      visit.view.consent = { to_service: true, to_image: true, representative: null, at: at('10:06') }
      visit.view.started_at = at('10:07')
      visit.view.ended_at = at('10:25')
      visit.view.outcome = { kind: 'delivered' }
      stage(world, visit, 'to_report')
    }
  }
}
