import type { Metadata } from "next";

export const metadata: Metadata = { title: "Users" };

const roles = ["Owner", "Editor", "Reader"];

const users = Array.from({ length: 15 }, (_, index) => ({
  id: index + 1,
  name: `User ${index + 1}`,
  mail: `user${index + 1}@example.com`,
  role: roles[index % roles.length],
}));

export default function UsersPage() {
  return (
    <section>
      <h1>Users</h1>
      <table>
        <thead>
          <tr>
            <th>Name</th>
            <th>Mail</th>
            <th>Role</th>
          </tr>
        </thead>
        <tbody>
          {users.map((user) => (
            <tr key={user.id}>
              <td>{user.name}</td>
              <td>{user.mail}</td>
              <td>{user.role}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
