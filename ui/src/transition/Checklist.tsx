import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Card, Checkbox } from '../design'
import { shortWhen } from '../i18n/format'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { TransitionView } from '../ipc/generated/TransitionView'
import { useShowTransition } from './update'

/** What a path needs, ticked by who has the case. */
export function Checklist({ view }: { view: TransitionView }) {
  const { t } = useTranslation('transition')
  const show = useShowTransition()
  const { run, failure, busy } = useAction()
  const { card, checklist } = view
  const mine = card.mine && card.state !== 'closed'
  return (
    <Card
      title={t('checklist')}
      end={checklist.length > 0 ? t('checks', { done: card.checks_done, of: card.checks }) : undefined}
      testId="checklist"
    >
      <div className="ps-card-body">
        {failure ? <FailureBanner failure={failure} /> : null}
        {checklist.length === 0 ? <p className="mut">{t('checklistEmpty')}</p> : null}
        {checklist.map(({ name, done_at }, index) => (
          <Checkbox
            key={name}
            checked={done_at !== null}
            disabled={!mine || busy}
            testId={`check-item-${index}`}
            hint={done_at ? t('doneAt', { at: shortWhen(done_at) }) : undefined}
            onChange={(done) =>
              void run(() => call('transition_check', { transition_id: card.id, item: name, done }), show)
            }
          >
            {name}
          </Checkbox>
        ))}
        {mine || checklist.length === 0 ? null : <p className="t-xs mut">{t('checklistLocked')}</p>}
      </div>
    </Card>
  )
}
