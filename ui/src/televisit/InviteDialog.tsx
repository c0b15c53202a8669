import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Button, Dialog, TextField } from '../design'
import { call } from '../ipc/call'
import type { TelevisitView } from '../ipc/generated/TelevisitView'
import { useTelevisitAction } from './update'

export type Invited = { family: string; given: string; relation: string }

/** Who is invited: a related person of the record, or somebody else by name. */
export function InviteDialog({ visit, who, onClose }: { visit: TelevisitView; who: Invited; onClose: () => void }) {
  const { t } = useTranslation(['televisit', 'frame'])
  const [family, setFamily] = useState(who.family)
  const [given, setGiven] = useState(who.given)
  const [relation, setRelation] = useState(who.relation)
  const { run, failure, busy } = useTelevisitAction()
  const complete = [family, given, relation].every((words) => words.trim() !== '')
  const invite = () => {
    if (!complete || busy) return
    return run(() => call('televisit_invite_caregiver', { televisit_id: visit.id, family, given, relation }), onClose)
  }
  return (
    <Dialog
      title={t('inviteCaregiver')}
      size="s"
      onClose={onClose}
      onSubmit={invite}
      testId="invite-dialog"
      footer={
        <>
          <span className="grow" />
          <Button onPress={onClose}>{t('frame:cancel')}</Button>
          <Button kind="primary" type="submit" disabled={!complete} busy={busy} testId="confirm-invite">
            {t('invite')}
          </Button>
        </>
      }
    >
      <div className="stack">
        {failure ? <FailureBanner failure={failure} /> : null}
        <p>{t('inviteDialog.text')}</p>
        <div className="pair">
          <TextField label={t('inviteDialog.family')} value={family} onChange={setFamily} testId="invite-family" />
          <TextField label={t('inviteDialog.given')} value={given} onChange={setGiven} testId="invite-given" />
        </div>
        <TextField
          label={t('inviteDialog.relation')}
          value={relation}
          onChange={setRelation}
          testId="invite-relation"
        />
      </div>
    </Dialog>
  )
}
