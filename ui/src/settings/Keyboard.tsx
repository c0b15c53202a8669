import { useTranslation } from 'react-i18next'
import { capsOf, KEYS } from '../app/keys'
import { Card, Kbd } from '../design'

/** Every key of the window, as in the list that `?` opens. */
export function Keyboard() {
  const { t } = useTranslation(['settings', 'frame'])
  const { t: frame } = useTranslation('frame')
  return (
    <div className="stack wide">
      <h2>{t('keyboard')}</h2>
      <div className="settings-keys" data-testid="keyboard">
        {KEYS.map((group) => (
          <Card key={group.name} title={frame(`keys.${group.name}`)} level={3}>
            <dl className="ps-card-body">
              {group.keys.map(({ keys, does }) => (
                <div key={does} className="settings-key">
                  <dt className="line tight">
                    {capsOf(keys, frame).map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dt>
                  <dd>{frame(`keys.${does}`)}</dd>
                </div>
              ))}
            </dl>
          </Card>
        ))}
      </div>
    </div>
  )
}
