export const THEMES = ['system', 'light', 'dark'] as const;

export interface Preferences {
  /** A BCP 47 language tag in canonical form: `en-GB`. */
  readonly locale: string;
  readonly theme: (typeof THEMES)[number];
  readonly notifications: { readonly email: boolean; readonly push: boolean };
}

export const DEFAULT_PREFERENCES: Preferences = {
  locale: 'en',
  theme: 'system',
  notifications: { email: true, push: true },
};

/** The preferences to change; what is absent stays. */
export interface PreferenceChanges {
  readonly locale?: string | undefined;
  readonly theme?: Preferences['theme'] | undefined;
  readonly notifications?:
    { readonly email?: boolean | undefined; readonly push?: boolean | undefined } | undefined;
}

export function applyPreferenceChanges(
  preferences: Preferences,
  changes: PreferenceChanges = {},
): Preferences {
  const { notifications } = preferences;
  return {
    locale: changes.locale ?? preferences.locale,
    theme: changes.theme ?? preferences.theme,
    notifications: {
      email: changes.notifications?.email ?? notifications.email,
      push: changes.notifications?.push ?? notifications.push,
    },
  };
}
