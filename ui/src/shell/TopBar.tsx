import { ActionButton, Header, Heading, Menu, MenuItem, MenuSection, MenuTrigger, Text } from "@react-spectrum/s2";
import Contrast from "@react-spectrum/s2/icons/Contrast";
import User from "@react-spectrum/s2/icons/User";
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { may, sessionQuery, signOut } from "../api/session";
import { Anchor } from "../parts/Anchor";
import { showProblem } from "../parts/toast";
import { BASE, paths } from "../paths";
import { t } from "../strings/en";
import { chooseSandbox, chosenSandbox } from "./sandbox";
import css from "./shell.module.css";
import { setTheme, type Theme, useTheme } from "./theme";

export function TopBar() {
  const { data: session } = useSuspenseQuery(sessionQuery);
  const sandbox = chosenSandbox(session);
  return (
    <header className={css.top}>
      <Anchor className={css.product} to={paths.home()}>
        <img src={`${BASE}/favicon.svg`} alt="" width={22} height={22} />
        {t.product}
      </Anchor>
      <div className={css.tools}>
        {session.sandboxes.length > 1 ? (
          <SandboxMenu sandbox={sandbox} sandboxes={session.sandboxes} />
        ) : (
          <span className={css.sandbox}>{t.shell.sandbox(sandbox)}</span>
        )}
        {!may(session, "write") && (
          <span className={css.readOnly} title={t.access.write}>
            {t.access.readOnly}
            <span className="visually-hidden">{t.access.write}</span>
          </span>
        )}
        <ThemeMenu />
        <UserMenu name={session.name || session.clientId} version={session.version} />
      </div>
    </header>
  );
}

function SandboxMenu({ sandbox, sandboxes }: { sandbox: string; sandboxes: string[] }) {
  return (
    <MenuTrigger>
      <ActionButton isQuiet aria-label={t.shell.sandboxMenu}>
        {t.shell.sandbox(sandbox)}
      </ActionButton>
      <Menu
        selectionMode="single"
        selectedKeys={[sandbox]}
        onSelectionChange={(keys) => {
          const [name] = keys;
          if (name === undefined || name === sandbox) return;
          chooseSandbox(String(name));
          // Nothing of another sandbox may stay on the page or in the cache.
          window.location.assign(BASE + paths.home());
        }}
      >
        {sandboxes.map((name) => (
          <MenuItem key={name} id={name}>
            {name}
          </MenuItem>
        ))}
      </Menu>
    </MenuTrigger>
  );
}

function ThemeMenu() {
  const { theme } = useTheme();
  const choices: Theme[] = ["system", "light", "dark"];
  return (
    <MenuTrigger>
      <ActionButton isQuiet aria-label={t.shell.theme}>
        <Contrast />
      </ActionButton>
      <Menu
        selectionMode="single"
        selectedKeys={[theme]}
        onSelectionChange={(keys) => {
          const [choice] = keys;
          if (choice !== undefined) setTheme(choice as Theme);
        }}
      >
        {choices.map((choice) => (
          <MenuItem key={choice} id={choice}>
            {t.shell.themes[choice]}
          </MenuItem>
        ))}
      </Menu>
    </MenuTrigger>
  );
}

function UserMenu({ name, version }: { name: string; version: string }) {
  const queries = useQueryClient();
  const router = useRouter();
  const leave = async () => {
    try {
      await signOut();
    } catch (error) {
      showProblem(error, t.shell.signOut);
      return;
    }
    // A draft is kept, and staying is no choice any more.
    await router.navigate({ href: BASE + paths.signIn(), ignoreBlocker: true });
    queries.clear();
  };
  return (
    <MenuTrigger>
      <ActionButton isQuiet aria-label={t.shell.user(name)}>
        <User />
        <Text>{name}</Text>
      </ActionButton>
      <Menu onAction={(key) => key === "sign-out" && void leave()}>
        <MenuSection>
          <Header>
            <Heading>{t.shell.version(version)}</Heading>
          </Header>
          <MenuItem id="sign-out">{t.shell.signOut}</MenuItem>
        </MenuSection>
      </Menu>
    </MenuTrigger>
  );
}
