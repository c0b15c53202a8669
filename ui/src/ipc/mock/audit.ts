/** The lines of the mock register, fixed: what is done in the window does not add to them. Scene `broken` has a chain that does not hold. */
import type { AuditLineView } from '../generated/AuditLineView'
import { at } from './day'
import { type HandlersOf, spoken, type World } from './world'

function register(world: World): AuditLineView[] {
  const me = spoken(world.person)
  const lines: [string, string, string][] = [
    ['10:02', 'patient_opened', 'Patient/marottoli'],
    ['10:01', 'document_opened', 'DocumentReference/marottoli-1'],
    ['09:58', 'teleconsult_answered', 'ServiceRequest/44815'],
    ['09:40', 'report_delivered', 'Composition/rp-altobrandi'],
    ['09:38', 'report_signed', 'Composition/rp-altobrandi'],
    ['09:21', 'consent_recorded', 'Consent/tv-altobrandi'],
    ['09:20', 'identity_recorded', 'Encounter/tv-altobrandi'],
    ['08:12', 'role_chosen', 'PractitionerRole/golfo-cardiologia'],
    ['08:11', 'logged_in', 'Practitioner/irene-valmori'],
  ]
  return /empty/.test(world.scene)
    ? []
    : lines.map(([hour, action, subject], index) => ({ seq: 412 - index, at: at(hour), actor: me, action, subject }))
}

export const audit = (world: World): HandlersOf<'audit_'> => ({
  audit_list: () => ({ lines: register(world), intact: world.scene !== 'broken' }),
})
